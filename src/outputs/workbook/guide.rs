//! The text of the first sheet, in French and English: how to judge, what each choice means, how to read a line.

/// A heading and its entries: what stands on the left, what it means.
pub(super) type Guide = (&'static str, &'static [(&'static str, &'static str)]);

pub(super) static FR: &[Guide] = &[
    (
        "Que faire",
        &[
            (
                "1. Juger",
                "Pour chaque ligne des feuilles À revoir, Privilégiés et Comptes de service : ce compte a-t-il besoin de ce droit \
                 aujourd'hui, pour la fonction actuelle ?",
            ),
            (
                "2. Décider",
                "Choisissez dans la liste de la colonne Décision. Seules les quatre colonnes à en-tête jaune se remplissent. \
                 La colonne État dit ce qui manque encore.",
            ),
            ("3. Signer", "Remplissez la feuille Signature : nom, fonction, date, déclarations."),
            ("4. Renvoyer", "Enregistrez au même format et renvoyez le fichier à la personne nommée ci-dessus."),
        ],
    ),
    (
        "Les choix",
        &[
            ("✓ Conserver", "Le droit est utile aujourd'hui. S'il est privilégié, écrivez pourquoi dans Justification."),
            ("✗ Révoquer", "Le droit ne sert plus, ou personne ne sait dire à quoi il sert. Écrivez pourquoi dans Justification."),
            (
                "≠ Modifier",
                "Il faut un autre droit à la place. Écrivez lequel, exactement, dans Changement demandé, et pourquoi dans Justification.",
            ),
            (
                "(vide)",
                "Ne rien choisir n'est pas conserver : la ligne reste « non décidée » et la campagne ne peut pas être close.",
            ),
        ],
    ),
    (
        "Lire une ligne",
        &[
            (
                "Recommandation",
                "Calculée à partir des sources, figée au lancement, avec son motif. Elle ne décide pas à votre place.",
            ),
            (
                "Dernière connexion",
                "« ±14 j » : l'annuaire la tient à jour avec 14 jours de retard au plus ; « ~ » : approximative. « Non connue » ne veut \
                 pas dire inactif.",
            ),
            ("Obtenu", "« Via » : le droit vient d'un groupe. Le révoquer, c'est sortir le compte du groupe."),
            ("Privilégié", "« Inconnu » : la source ne le dit pas. Jugez d'après la description."),
            ("Comptes de service", "Demandez-vous ce qui cesserait de fonctionner, et qui en répond."),
        ],
    ),
    (
        "Bon à savoir",
        &[
            (
                "Aller vite",
                "Ce qui demande attention est en tête, puis personne par personne. Le bouton 1, dans la marge de gauche, replie les lignes \
                 sans particularité ; 2 les rouvre. Filtres et tris marchent. N'ajoutez ni ne supprimez de lignes : une ligne supprimée \
                 compte comme non décidée.",
            ),
            (
                "Vos propres accès",
                "Ce classeur n'en contient aucun. Si vous en trouvez un, laissez la ligne vide et dites-le : personne ne revoit ses propres accès.",
            ),
            (
                "Confidentialité",
                "Ce fichier contient des données personnelles : ne le transmettez qu'à la personne nommée ci-dessus.",
            ),
        ],
    ),
];

pub(super) static EN: &[Guide] = &[
    (
        "What to do",
        &[
            (
                "1. Judge",
                "For each line of the sheets To review, Privileged and Service accounts: does this account need this right today, for \
                 the present job?",
            ),
            (
                "2. Decide",
                "Choose from the list in the Decision column. Only the four columns with a yellow heading are to be filled in. The State \
                 column says what is still missing.",
            ),
            ("3. Sign", "Fill in the Signature sheet: name, role, date, declarations."),
            ("4. Return", "Save in the same format and send the file back to the person named above."),
        ],
    ),
    (
        "The choices",
        &[
            ("✓ Keep", "The right is useful today. If it is privileged, write why in Justification."),
            ("✗ Revoke", "The right is no longer used, or nobody can say what it is for. Write why in Justification."),
            ("≠ Modify", "Another right is needed instead. Write exactly which one in Requested change, and why in Justification."),
            ("(empty)", "Choosing nothing is not keeping: the line stays \"not decided\" and the campaign cannot be closed."),
        ],
    ),
    (
        "Reading a line",
        &[
            ("Recommendation", "Worked out from the sources, frozen at the start, with its reason. It does not decide for you."),
            (
                "Last login",
                "\"±14 d\": the directory keeps it up to date with a lag of 14 days at most; \"~\": approximate. \"Not known\" does not \
                 mean inactive.",
            ),
            ("Held", "\"Via\": the right comes from a group. Revoking it means taking the account out of the group."),
            ("Privileged", "\"Unknown\": the source does not say. Judge by the description."),
            ("Service accounts", "Ask yourself what would stop working, and who answers for it."),
        ],
    ),
    (
        "Good to know",
        &[
            (
                "Go fast",
                "What asks for attention comes first, then person by person. The button 1 in the left margin folds away the lines with nothing \
                 unusual; 2 brings them back. Filters and sorting work. Do not add or delete rows: a deleted line counts as not decided.",
            ),
            (
                "Your own accesses",
                "This workbook holds none. If you find one, leave the line empty and tell us: nobody reviews their own accesses.",
            ),
            ("Confidentiality", "This file holds personal data: send it to nobody but the person named above."),
        ],
    ),
];
