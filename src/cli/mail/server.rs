//! The mail server of the configuration, with its password: from the file, else the environment, else a prompt.

use std::fs;
use std::time::Duration;

use secrecy::SecretString;

use super::super::failure::Failure;
use super::super::session::Session;
use super::read;
use crate::context::Context;
use crate::review::mail::MailConfig;
use crate::review::mail::smtp::Server;

pub(super) fn server(session: &Session, config: &MailConfig) -> Result<Server, Failure> {
    let authority = config.ca_file.as_ref().map(|path| read(&session.config.base.join(path))).transpose()?;
    let account = match &config.user {
        Some(user) => Some((user.clone(), password(session, config, user)?)),
        None => None,
    };
    Ok(Server {
        name: config.server.clone(),
        port: config.port(),
        protection: config.tls,
        authority,
        account,
        timeout: Duration::from_secs(u64::from(config.timeout)),
    })
}

fn password(session: &Session, config: &MailConfig, user: &str) -> Result<SecretString, Failure> {
    if let Some(path) = config.password_file.as_ref().map(|path| session.config.base.join(path)) {
        let text = fs::read_to_string(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        return Ok(SecretString::from(text.lines().next().unwrap_or_default().to_owned()));
    }
    let variable = config.password_env.as_deref().unwrap_or("PROBANT_MAIL_PASSWORD");
    if let Some(secret) = Context::secret(variable) {
        return Ok(secret);
    }
    let question = session.console.pick(
        format!("Mot de passe de {user} sur {}\u{a0}: ", config.server),
        format!("Password of {user} on {}: ", config.server),
    );
    rpassword::prompt_password(question).map(SecretString::from).map_err(|error| {
        Failure::new(format!("no password for {user}: {error}. Set {variable}, or [mail] password_file in probant.toml"))
    })
}
