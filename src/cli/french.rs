//! The help in French: every command, option and argument of `args`, by its path. A test holds that none is missing.

use clap::{Arg, ArgAction, Command};

/// `command subcommand` or `command subcommand --option`, and its text. The empty path is the program.
const TEXTS: &[(&str, &str)] = &[
    (
        "",
        "Preuves et revues d'accès pour ISO/IEC 27001 : collecter, juger, faire revoir, sceller.\n\nPremière fois : `probant init`, compléter probant.toml, puis `probant run` chaque trimestre.",
    ),
    ("--config", "Fichier de configuration ; à défaut, cherché dans ce dossier et au-dessus."),
    ("--lang", "Langue des écrans : fr ou en. À défaut, celle de l'organisme."),
    ("--format", "Sortie standard : texte pour les personnes, ou JSON versionné."),
    ("--quiet", "Ni progression ni remarques sur la sortie d'erreur ; les erreurs restent affichées."),
    ("init", "Écrire un probant.toml commenté et créer une clé de scellement, pour commencer."),
    ("init --folder", "Dossier à préparer."),
    ("init --organisation", "Nom de l'organisme."),
    ("run", "Tout d'un coup : collecter, juger, rapport, classeurs, dossier scellé."),
    ("harvest", "Lire toutes les sources dans un nouvel instantané."),
    (
        "harvest --from-raw",
        "Ne rien lire de nouveau : refaire l'instantané à partir des captures brutes de celui-ci (à défaut, le plus récent), hors ligne.",
    ),
    ("assess", "Juger l'instantané le plus récent (ou --snapshot) et montrer les constats."),
    ("assess --fail-on", "Code de sortie 1 si un contrôle d'au moins cette gravité n'est pas satisfait (pour les scripts)."),
    ("assess --check", "Montrer tous les sujets de ce contrôle."),
    ("report", "Écrire le rapport HTML d'un instantané, dans les deux langues."),
    ("review", "Revue des accès."),
    (
        "review open",
        "Figer une campagne à partir de l'instantané le plus récent et écrire un classeur par relecteur.\n\nLe nom de la campagne, son échéance, ses relecteurs et ses systèmes sont dans [review] de probant.toml. Rien n'est ouvert si une source est périmée ou incomplète, ou si une ligne n'a personne qui puisse en décider : le message dit quoi taper.\n\nEnsuite : envoyer les classeurs, `probant review collect` sur les retours, `probant review status`, `probant review close`, puis `probant review follow-up` après chaque collecte.",
    ),
    (
        "review open --kind",
        "Ce sur quoi porte la campagne : full, toutes les lignes ; changes, ce qui est nouveau, a changé ou devrait avoir disparu depuis la dernière campagne close ; privileged, les droits privilégiés ; leavers, les personnes parties ; movers, celles qui ont changé de service, de site ou de responsable.",
    ),
    (
        "review open --since",
        "Départs : depuis ce jour. Mouvements : changements depuis l'instantané le plus récent de ce jour ou d'avant. À défaut, l'ouverture de la dernière campagne close.",
    ),
    ("review open --accept-source", "Ouvrir bien que cette source soit périmée ou incomplète ; c'est consigné. Peut être répétée."),
    (
        "review open --no-answer",
        "Ce que vaudra le silence à la fin. Sans elle, la campagne ne se clôt que si toute ligne est décidée.",
    ),
    ("review send", "Envoyer les classeurs par courriel, ou des rappels (--remind). Sortie 2 si une lettre n'a pas pu partir."),
    ("review send --campaign", "Campagne, par son nom. À défaut, celle de la configuration."),
    ("review send --dry-run", "Montrer ce qui serait envoyé et à qui ; rien n'est envoyé ni consigné."),
    (
        "review send --remind",
        "Rappeler à ceux qui n'ont pas tout rendu : avant l'échéance, le jour même, et après avec le contact d'escalade en copie. À lancer chaque jour : chaque rappel ne part qu'une fois.",
    ),
    (
        "review send --again",
        "Envoyer à ce relecteur bien que ce soit fait, ou peut-être fait (matricule ou adresse). Peut être répétée.",
    ),
    ("review status", "Où en est la campagne : par relecteur, par système, et ce qu'il faut regarder."),
    ("review status --workbook", "Écrire le tout, ligne par ligne, en un classeur pour le responsable de la campagne."),
    ("review status --fail-on", "Code de sortie 1 si une réponse est en retard (pour les scripts)."),
    (
        "review collect",
        "Lire les classeurs revenus (xlsx, ods), quels que soient leurs noms et leur ordre.\n\nChaque fichier est gardé tel quel. Ce qui ne peut être pris est dit par feuille et par ligne, et un classeur de ces seules lignes est écrit, à renvoyer. Relire le même fichier ne change rien ; une décision postérieure remplace la précédente sans jamais l'effacer.",
    ),
    ("review collect --files", "Classeurs revenus, ou dossiers qui en contiennent."),
    (
        "review close",
        "Clore la campagne quand chaque ligne a sa réponse ; écrire le procès-verbal et les fichiers de ce qui est à faire.",
    ),
    (
        "review follow-up",
        "Ce qu'une campagne close a demandé, face à chaque instantané postérieur : prouvé, toujours là, revenu, en retard. Réécrit les fichiers de tâches.\n\nUne tâche n'est « absence vérifiée » que par une collecte postérieure, complète, réussie, de la même source et du même périmètre : la clôture d'un ticket ne suffit jamais. À côté, jamais exécutés : tables à importer dans Jira et Isilog, changements proposés en LDIF et PowerShell.",
    ),
    (
        "review follow-up --campaign",
        "Campagne à suivre. À défaut, celle de la configuration si elle est close, sinon la dernière close.",
    ),
    ("review follow-up --fail-on", "Code de sortie 1 si une tâche est hors délai (pour les scripts)."),
    ("review claim", "Consigner que quelqu'un dit des tâches faites. Cela ne prouve rien : la prochaine collecte, si."),
    (
        "review reassign",
        "Confier les lignes ouvertes d'un relecteur, parti ou absent, à un autre. Les lignes décidées gardent leur décision.\n\nPersonne ne reçoit un accès qui est le sien, par quelque compte que ce soit. Le nouveau relecteur reçoit un classeur de ces lignes ; l'ancien classeur est encore lu, sauf les lignes déplacées, qui sont dites une à une. Qui, quand et pourquoi restent dans la campagne.",
    ),
    ("review reassign --from", "Relecteur dont les lignes ouvertes passent à un autre (matricule ou adresse)."),
    ("review reassign --unassigned", "Au lieu de celles d'un relecteur : les lignes dont personne ne peut encore décider."),
    ("review reassign --to", "Qui en décide désormais (matricule ou adresse, dans l'annuaire RH)."),
    ("review reassign --reason", "Pourquoi, en clair : c'est écrit dans le procès-verbal et dans le nouveau classeur."),
    ("review reassign --system", "Seulement les lignes de ce système. Peut être répétée."),
    ("review reassign --line", "Seulement cette ligne, par son identifiant. Peut être répétée."),
    ("review abandon", "Abandonner une campagne ouverte par erreur. Rien n'est effacé, et plus rien n'agit sur elle."),
    ("review abandon --campaign", "Campagne à abandonner, par son nom."),
    ("review abandon --reason", "Pourquoi, en clair."),
    ("review claim --lines", "Lignes dites faites, telles que `probant review follow-up` les nomme."),
    ("review claim --by", "Qui le dit."),
    ("review claim --ticket", "Le ticket de l'intervention."),
    ("review claim --campaign", "Campagne. À défaut, celle de la configuration si elle est close, sinon la dernière close."),
    (
        "bundle",
        "Sceller un instantané, ses constats, son rapport et ses classeurs dans un seul fichier ; ou renouveler l'horodatage d'archive d'un dossier scellé.",
    ),
    (
        "bundle extend",
        "Renouveler l'horodatage d'archive d'un dossier de niveau LTA, avant l'expiration du certificat de son autorité. Rien d'autre ne change.",
    ),
    ("bundle extend --file", "Dossier scellé."),
    (
        "bundle extend --out",
        "Écrire ici le dossier renouvelé et laisser l'ancien. À défaut, il prend la place de l'ancien en une seule étape ; un dossier du magasin reste, et le nouveau va dans store/renewed.",
    ),
    (
        "bundle extend --anchor",
        "Certificat contre lequel le dossier est vérifié avant et après, PEM. À défaut, les certificats de scellement configurés.",
    ),
    (
        "bundle --attach",
        "Fichier ou dossier à sceller avec le reste, tel quel : procès-verbaux, certificats, journaux. Peut être répétée.",
    ),
    (
        "bundle seal-only",
        "Faire le scellé seul d'un dossier : ses manifestes et sa signature sans ses preuves, pour les vérificateurs en ligne. Les noms de fichiers y figurent.",
    ),
    ("bundle seal-only --file", "Dossier scellé."),
    ("bundle seal-only --out", "Où l'écrire aussi ; une copie reste dans le dossier `seals` du magasin."),
    (
        "verify",
        "Vérifier un dossier scellé contre une ancre de confiance explicite. Sortie : 0 valide, 1 altéré, 2 indécidable, 3 pas un dossier.",
    ),
    ("verify --files", "Dossiers scellés."),
    ("verify --anchor", "Certificat de confiance, PEM, obtenu par une autre voie que le dossier lui-même."),
    (
        "verify --tsa-anchor",
        "Certificat auquel doivent remonter les autorités d'horodatage, PEM. À défaut, --anchor sert aussi pour elles.",
    ),
    (
        "verify --crl",
        "Liste de révocation, en plus de celles du dossier, DER ou PEM. Nécessaire aux niveaux B et T quand une autorité a émis le certificat.",
    ),
    (
        "verify --chain",
        "Dossier qui devrait contenir toute la chaîne : vérifier chacun, et qu'aucun ne manque, n'est remplacé ni déplacé.",
    ),
    (
        "verify --expect-head",
        "Reçu du registre que vous gardez : les dossiers doivent être ceux qu'il désigne et, avec --chain, le plus récent doit être là.",
    ),
    (
        "verify --extract",
        "Extraire ce qui a été vérifié dans ce nouveau dossier, si tout est valide. Plusieurs fichiers : un dossier chacun.",
    ),
    ("drift", "Comparer les deux derniers instantanés : ce qui s'est dégradé. Sortie 1 si c'est le cas."),
    ("drift --since", "Instantané plus ancien auquel comparer. À défaut, le précédent."),
    ("drift --icinga", "Parler comme une sonde de supervision : une ligne, et sortie 0, 1, 2 ou 3."),
    ("sample", "Tirer d'une table un échantillon que chacun peut tirer de nouveau (échantillonnage d'audit)."),
    ("sample --table", "Table où tirer."),
    ("sample --size", "Nombre de lignes."),
    ("sample --seed", "Graine ; même graine et même instantané, mêmes lignes. À défaut, l'empreinte de l'instantané."),
    ("sample --condition", "Seulement les lignes qui remplissent cette condition SQL."),
    ("sql", "Poser une question en SQL à l'instantané le plus récent."),
    ("sql --query", "Un SELECT. Tables : `probant sources schema`."),
    ("sql --snapshot", "Instantané à interroger. À défaut, le plus récent."),
    ("checks", "Les contrôles : les lister, en montrer un, en expliquer un."),
    ("checks list", "Tous les contrôles, avec leur gravité et leurs mesures."),
    ("checks show", "Un contrôle tel qu'il est écrit."),
    ("checks show --check", "Identifiant du contrôle."),
    ("checks matrix", "Chaque mesure avec les contrôles qui parlent pour elle, en Markdown."),
    ("checks explain", "Un contrôle en clair : ce qu'il regarde, pourquoi, que faire."),
    ("checks explain --check", "Identifiant du contrôle."),
    ("sources", "Genres de source, tables, et essai d'une source."),
    ("sources kinds", "Genres de source."),
    ("sources list", "Sources configurées."),
    (
        "sources test",
        "Essayer une source, sans rien garder : un annuaire en direct est joint et regardé, un fichier est lu. Sortie 2 s'il manque quelque chose.",
    ),
    ("sources test --source", "Identifiant de la source."),
    ("sources schema", "Tables et colonnes d'un instantané, en Markdown."),
    ("sources json-schema", "Schéma JSON de probant.toml, pour les éditeurs."),
    ("keys", "La clé de scellement."),
    (
        "keys create",
        "Créer une clé de scellement et un certificat fait maison.\n\nPour une clé RSA : `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -aes-256-cbc -out seal.key.pem`, désignée dans [signing] key, puis `probant keys request`.",
    ),
    ("keys create --kind", "Genre de clé."),
    ("keys create --years", "Durée de validité du certificat fait maison, en années."),
    ("keys show", "Montrer de qui est le certificat, jusqu'à quand, jusqu'où porte la confiance, et son empreinte."),
    (
        "keys request",
        "Écrire une demande de certificat (PKCS#10) pour l'autorité de votre organisme, signée par la clé de scellement.",
    ),
    (
        "keys request --subject",
        "Sujet demandé : « CN=Sceau de preuve,O=Organisme,C=FR ». À défaut, [signing] subject, sinon l'organisme.",
    ),
    ("keys request --output", "Fichier à écrire. À défaut, seal.csr.pem à côté de la clé."),
    (
        "keys install",
        "Mettre en place le certificat revenu de l'autorité, après avoir vérifié que c'est celui de la clé ; l'ancien est gardé.",
    ),
    (
        "keys install --certificates",
        "Certificats, PEM ou DER : celui de la clé, et ceux des autorités qui y mènent, dans n'importe quel ordre.",
    ),
    (
        "keys rotate",
        "Faire une nouvelle clé à la place de l'actuelle. Les anciens dossiers restent valides ; l'ancien certificat et l'ancienne clé sont gardés dans old/.",
    ),
    ("keys rotate --kind", "Genre de clé."),
    ("keys rotate --years", "Durée de validité du certificat fait maison, en années."),
    ("ledger", "Le registre : le montrer, le vérifier, en signer un reçu. Sans plus : le montrer."),
    ("ledger show", "Ses événements, sa tête, sa dernière tête signée."),
    (
        "ledger verify",
        "Vérifier la chaîne, les têtes signées, et que tout ce qu'il annonce est là. Sortie : 0 il tient, 1 altéré, 2 indécidable.",
    ),
    ("ledger verify --expect-head", "Reçu auquel le registre doit encore correspondre. Peut être répétée."),
    (
        "ledger verify --against",
        "Miroir auquel le registre doit encore correspondre : un dossier ou s3://compartiment/prefixe ; sans valeur, celui de la configuration.",
    ),
    ("ledger verify --anchor", "Certificat de confiance, PEM. À défaut, celui de la configuration."),
    ("ledger receipt", "Signer un reçu pour l'auditeur : où en est le registre, et les empreintes de chaque dossier."),
    ("ledger receipt --out", "Fichier à écrire ; à défaut, la sortie standard."),
    (
        "mirror",
        "Copier au miroir ([mirror]) les têtes signées et les dossiers. Fait aussi à la fin de chaque exécution. Sortie 1 s'il contient autre chose.",
    ),
    ("mirror --look", "Relire ce qui y est déjà, et le comparer."),
    ("purge", "Retirer ce dont le temps est passé ([store.keep]), en laissant des stèles. Regarder d'abord : --dry-run."),
    ("purge --dry-run", "Montrer seulement ce qui serait retiré et ce qui sert encore ; ne rien changer."),
    ("completions", "Afficher la complétion pour un interpréteur de commandes."),
    ("completions --shell", "Interpréteur de commandes."),
    ("man", "Afficher la page de manuel."),
];

/// Options that several judging commands share.
const JUDGED: &[(&str, &str)] = &[
    (
        "period",
        "Période de ce qui se passe : 2026-T3, 2026-Q3, 2026-09, 2026, 2026-07-01..2026-09-30. À défaut, celle de la configuration, sinon le dernier trimestre entier.",
    ),
    ("as_of", "Juger à cet instant au lieu de celui de la configuration ou de maintenant (2026-10-05T08:00:00Z)."),
    (
        "encrypt_for",
        "Chiffrer le dossier pour le détenteur de ce certificat, PEM, dans un second fichier (.asice.p7m). Peut être répétée ; s'ajoute à [envelope] encrypt_for.",
    ),
    ("snapshot", "Instantané à juger, par son nom sous store/snapshots. À défaut, le plus récent."),
];

fn text(path: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}

fn of_argument(path: &str, argument: &Arg) -> Option<&'static str> {
    let id = argument.get_id().as_str();
    let long = argument.get_long().filter(|long| *long != "where").unwrap_or(id);
    let key = if path.is_empty() { format!("--{long}") } else { format!("{path} --{long}") };
    text(&key).or_else(|| JUDGED.iter().find(|(known, _)| *known == id).map(|(_, text)| *text))
}

/// The same command line with its help in French.
pub(super) fn translate(command: Command) -> Command {
    let command = command
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(Arg::new("help").long("help").short('h').global(true).action(ArgAction::Help).help("Afficher cette aide."))
        .arg(Arg::new("version").long("version").short('V').action(ArgAction::Version).help("Afficher la version."));
    below("", command)
}

fn below(path: &str, mut command: Command) -> Command {
    let ids: Vec<_> = command.get_arguments().map(|argument| argument.get_id().clone()).collect();
    for id in ids {
        command = command.mut_arg(id, |argument| match of_argument(path, &argument) {
            Some(text) => argument.help(text).long_help(text),
            None => argument,
        });
    }
    if let Some(text) = text(path) {
        let first = text.split("\n\n").next().unwrap_or(text);
        command = command.about(first).long_about(text);
    }
    command = command
        .subcommand_help_heading("Commandes")
        .subcommand_value_name("COMMANDE")
        .help_template("{about-with-newline}\nUsage : {usage}\n\n{all-args}{after-help}");
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let inner = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(name, |sub| below(&inner, sub.disable_help_subcommand(true)));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn missing(path: &str, command: &Command, out: &mut Vec<String>) {
        if text(path).is_none() {
            out.push(format!("command `{path}`"));
        }
        for argument in command.get_arguments().filter(|a| !a.is_global_set() || path.is_empty()) {
            if of_argument(path, argument).is_none() {
                out.push(format!("`{path}` {}", argument.get_id()));
            }
        }
        for sub in command.get_subcommands() {
            let inner = if path.is_empty() { sub.get_name().to_owned() } else { format!("{path} {}", sub.get_name()) };
            missing(&inner, sub, out);
        }
    }

    #[test]
    fn every_command_and_option_has_its_french_text() {
        let mut out = vec![];
        missing("", &crate::cli::args::Cli::command(), &mut out);
        assert_eq!(out, Vec::<String>::new());
        translate(crate::cli::args::Cli::command()).debug_assert();
    }

    #[test]
    fn the_french_help_keeps_the_same_commands() {
        let help = translate(crate::cli::args::Cli::command()).render_help().to_string();
        assert!(help.contains("Commandes:") && help.contains("Lire toutes les sources"), "{help}");
        assert!(!help.contains("Read every source"), "{help}");
    }
}
