//! Commands that set things up: `init`.

use std::fs;

use super::{Exit, keys};
use crate::cli::args::{Global, Init};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::config;
use crate::context::Context;
use crate::outputs::files;

/// `probant init`: a commented starter, and a seal key.
pub(in crate::cli) fn init(context: Context, console: &Console, args: &Init, global: &Global) -> Exit {
    let folder = context.folder.join(&args.folder);
    let path = folder.join("probant.toml");
    if path.exists() {
        return Err(Failure::new(format!("{} exists already; nothing was changed", path.display())));
    }
    let organisation = args.organisation.clone().unwrap_or_else(|| console.pick("Mon organisme", "My organisation").to_owned());
    let template =
        console.pick(include_str!("../../../templates/probant.fr.toml"), include_str!("../../../templates/probant.en.toml"));
    let quoted = toml::Value::String(organisation).to_string();
    fs::create_dir_all(&folder)?;
    files::write(&folder, "probant.toml", template.replace("\"{organisation}\"", &quoted).as_bytes())?;
    files::write(&folder, "probant.schema.json", serde_json::to_string_pretty(&config::schema::json_schema())?.as_bytes())?;
    console.say(console.pick(format!("Écrit : {}", path.display()), format!("Written: {}", path.display())));
    let session = Session::open(context, &Global { config: Some(path), ..global.clone() })?;
    let mut store = session.store()?;
    // The configuration stands whatever happens to the key: say how to go on.
    keys::first(&session, &mut store).map_err(|failure| {
        failure.hint(session.console.pick(
            "probant.toml est écrit ; il ne manque que la clé : tapez `probant keys create` (phrase secrète de 8 caractères au moins, au clavier ou dans PROBANT_PASSPHRASE)",
            "probant.toml is written, only the key is missing: type `probant keys create` (passphrase of at least 8 characters, typed or in PROBANT_PASSPHRASE)",
        ))
    })
}
