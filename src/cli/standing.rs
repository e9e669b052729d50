//! What the report and the bundle take of the campaigns that the store holds.

use jiff::Timestamp;

use super::failure::Failure;
use super::follow;
use super::held::{self, Held, RETURNED, returned_name};
use super::session::Session;
use crate::outputs::dossier::CampaignFiles;
use crate::outputs::report::CampaignState;
use crate::review::underway::status::status;

/// Every opened campaign as it stands, for the report: those still open first, abandoned ones last, then by name.
pub(super) fn states(session: &Session, at: Timestamp) -> Result<Vec<CampaignState>, Failure> {
    let mut campaigns = vec![];
    for folder in held::folders(session)? {
        let Held { campaign, log, folder } = held::read(&folder)?;
        let zone = jiff::tz::TimeZone::get(&campaign.head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let status = status(&campaign, &log, zone.to_datetime(at).date());
        let path = folder.join(follow::FOLDER).join(follow::STATE);
        let bytes = held::optional(&path)?;
        let wrong = |error: serde_json::Error| {
            Failure::new(format!("{}: {error}. Make it again: probant review follow-up", path.display()))
        };
        let follow_up = if bytes.is_empty() { None } else { Some(serde_json::from_slice(&bytes).map_err(wrong)?) };
        campaigns.push(CampaignState { head: campaign.head, status, follow_up });
    }
    let ended = |c: &CampaignState| (c.status.abandoned.is_some(), c.status.closed_at.is_some());
    campaigns.sort_by(|a, b| (ended(a), &a.head.id).cmp(&(ended(b), &b.head.id)));
    Ok(campaigns)
}

/// What a bundle takes of every opened campaign.
pub(super) fn dossiers(session: &Session) -> Result<Vec<CampaignFiles>, Failure> {
    let mut dossiers = vec![];
    for folder in held::folders(session)? {
        let Held { campaign, log, folder } = held::read(&folder)?;
        let handed = campaign.handovers.all().iter().map(|past| &past.what.to);
        let sent =
            campaign.head.reviewers.iter().chain(handed).filter_map(|reviewer| Some(reviewer.workbook.as_ref()?.file.clone()));
        // What could not be opened at all stays out of the bundle; its digest and its refusal stand in the log.
        let opened = log.returns().filter(|(_, returned)| returned.reviewer.is_some());
        let returned = opened.map(|(_, returned)| format!("{RETURNED}/{}", returned_name(&returned.file, &returned.sha256)));
        dossiers.push(CampaignFiles { files: sent.chain(returned).collect(), id: campaign.head.id.clone(), folder });
    }
    Ok(dossiers)
}
