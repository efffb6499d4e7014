//! The words names are made of, each list in ascending order.

/// Given names.
pub(super) static GIVEN: [&str; 162] = words(
    "aaliyah aarav abena adam adela agnes ahmed aiko aisha akira alan alejandra alice alina amara \
     amina amir ana anders andre anika anton arjun astrid ayse beatriz ben bianca boris brigid \
     bruno camila carlos carmen chen chiara chloe claire clara daniel daria david deepa diego \
     dmitri edith elena elif emeka emil emma eric esther eva farah fatima felix finn fiona freya \
     gabriel georg gita grace hana hannah haruto hassan helen henrik hugo ibrahim ida ines ingrid \
     irene isaac ivan jack jamal james jana javier jin joan joao jonas jorge judith julia kai \
     karim karin kate katya kenji kofi lars laura layla lea leon li liam lina lucas lucia magda \
     malik marco maria marta matteo maya mei miguel mina mohamed nadia naomi nia nikolai noah \
     nora olga olivia omar oscar pablo paula pedro petra pierre priya rafael rahul ravi renata \
     rosa ruth sam samira sara sean sofia stefan sven tariq teresa thabo thomas tomas uma \
     valentina vera victor wei yara yuki yusuf zainab zoe",
);

/// Surnames.
pub(super) static SURNAMES: [&str; 277] = words(
    "abbott adebayo aguilar ahmed akande allen almeida alvarez andersson araujo arnold asante \
     baker banerjee barbosa barnes bauer becker bell bello bennett berg bianchi blanc boateng \
     bose bouchard brandt braun brooks bruno burke butler campbell cardoso carlsen carter castro \
     chandra chang chavez chen choi chowdhury clark cohen collins conti cooper costa cruz dahl \
     dasgupta davies delgado desai devries diallo diaz dogan dubois duran eriksen eze farah \
     farrell fernandes ferrari fischer flores fontaine foster fournier franco fujita garcia \
     gauthier ghosh gomez gonzalez gordon graham greco green gruber gupta gutierrez haas hansen \
     harris hayashi hernandez herrera hoang hoffmann holm horvat huang hughes ibrahim ito ivanova \
     jackson jansen jensen jimenez johansson jones joshi jovanovic kamau kaplan kapoor karlsson \
     katz kaur kaya keller kelly khan kim kimura klein kobayashi kovacs kowalski kruger kumar \
     lambert larsen laurent lee lehmann lewis lim lin lindberg liu lopez lund macdonald mahmoud \
     malik mancini marino martin martinez mbeki mehta meier mendes mensah meyer miller mishra \
     mitchell molina moore morales moreau mori morris mukherjee murphy mwangi nakamura navarro \
     ndiaye nguyen nielsen nilsen novak nowak nunez obrien odhiambo okafor okeke okonkwo olsen \
     ortega osei owusu ozturk park parker patel pereira perez peters petersen petrov pham \
     phillips pinto popescu price quinn rahman ramirez ramos rao reddy reyes ricci richter rivera \
     roberts robinson rocha rodriguez romano rossi roux russo ryan saito salazar salem sanchez \
     santos sato schmidt schneider schulz shah sharma silva simmons singh smith soares sorensen \
     sousa stewart suarez suzuki takahashi tanaka taylor thapa thompson torres tran turner ueda \
     valdez vargas vasquez vega verma virtanen vogel wagner walker wang ward watanabe weber weiss \
     white williams wilson winkler wolf wong wright wu yadav yamamoto yang yilmaz young yusuf \
     zhang zhao zimmermann",
);

/// What a service account works for.
pub(super) static SYSTEMS: [&str; 64] = words(
    "audit billing booking cart catalog checkout claims content credit crm customer dispatch dns \
     email erp events fleet forms fraud gateway geo identity images inventory invoice ledger \
     loyalty mail maps media metrics notify orders partner payments payroll pricing procurement \
     quotes rates refunds reports returns rewards routing sales scheduling search sensors \
     shipping stock storefront subscription support tax telemetry tickets tracking translate \
     vendor video wallet warehouse webshop",
);

/// What a service account does there.
pub(super) static TASKS: [&str; 38] = words(
    "agent api archiver backup batch builder cleaner collector consumer crawler cron deployer \
     dispatcher exporter feed importer indexer ingest loader mailer migrator monitor poller \
     processor publisher reader replicator reporter runner scanner scheduler sender sync \
     transcoder uploader validator worker writer",
);

/// What an account is for.
pub(super) static DOMAINS: [&str; 40] = words(
    "claims core crm customer devices directory edge fleet forecasting fraud hr iam identity \
     insights inventory iot labs logistics media mobile network observability orders partners \
     platform pricing procurement research returns search storefront streaming support tax \
     telemetry travel treasury video warehouse workplace",
);

/// Cuts a text at its blanks, when this is compiled.
const fn words<const N: usize>(text: &'static str) -> [&'static str; N] {
    let mut list = [""; N];
    let mut rest = text;
    let mut count = 0;
    let mut end = 0;
    while end < rest.len() {
        if rest.as_bytes()[end] == b' ' {
            let (word, tail) = rest.split_at(end);
            list[count] = word;
            count += 1;
            rest = tail.split_at(1).1;
            end = 0;
        } else {
            end += 1;
        }
    }
    // A wrong N does not compile: too small an N indexes out of bounds, too large a one fails here.
    assert!(count + 1 == N);
    list[count] = rest;
    list
}
