//! What is kept of a campaign: the frozen lines, and a log of all that happened since, to which events are only ever added.
//! A campaign is read together with its log; neither is ever written again.

pub mod campaign;
pub mod choice;
pub mod damaged;
pub mod decisions;
pub mod ended;
pub mod handovers;
pub mod item;
pub mod parcels;
pub mod returned;
pub mod source;
