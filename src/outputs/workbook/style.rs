//! The few formats of a workbook, made once. Colours are sober and differ in lightness as well as hue, and everything
//! they say is also said by a word or a sign.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, FormatPattern};

use super::layout::{BODY_SIZE, LINE_SIZE};
use crate::lang::Lang;
use crate::review::lines::advice::Precision;

const INK: u32 = 0x1F_2A_33;
const SLATE: u32 = 0x2B_3F_50;
const LINE: u32 = 0xC9_D1_D9;
const PAPER: u32 = 0xF3_F5_F7;
const INPUT: u32 = 0xFF_FB_E8;
const GOLD: u32 = 0xE8_C4_66;

pub(super) struct Styles {
    pub title: Format,
    pub section: Format,
    pub label: Format,
    pub text: Format,
    /// Without frame or wrapping: runs over the cells to its right.
    pub plain: Format,
    /// As `plain`, beside a number.
    pub aside: Format,
    /// As `plain`, small.
    pub plain_small: Format,
    /// As `text`, with a frame.
    pub cell: Format,
    pub number: Format,
    pub percent: Format,
    pub total: Format,
    pub total_percent: Format,
    pub total_label: Format,
    pub head: Format,
    pub head_input: Format,
    pub input: Format,
    /// Inputs of the signature sheet, in the size of the body.
    pub sign: Format,
    pub sign_date: Format,
    pub line: Format,
    pub line_number: Format,
    pub line_state: Format,
    pub day: Format,
    line_dates: [Format; 3],
    pub keep: Format,
    pub revoke: Format,
    pub modify: Format,
    pub undecided: Format,
    pub missing: Format,
    pub strong: Format,
    pub done: Format,
    /// As `title`, short enough for the columns that are printed on every page.
    pub line_title: Format,
    /// First line of a group.
    pub begins: Format,
    /// What the line above says too.
    pub repeated: Format,
}

impl Styles {
    pub(super) fn new(lang: Lang) -> Self {
        let base = Format::new().set_font_color(INK).set_align(FormatAlign::Top);
        let wrap = base.clone().set_text_wrap();
        let framed = wrap.clone().set_border(FormatBorder::Thin).set_border_color(LINE);
        let line = framed.clone().set_font_size(LINE_SIZE);
        let input = line.clone().set_background_color(INPUT).set_unlocked();
        let head =
            framed.clone().set_bold().set_background_color(SLATE).set_font_color(0xFF_FF_FF).set_align(FormatAlign::VerticalCenter);
        let total = framed.clone().set_bold().set_background_color(PAPER);
        let date = lang.pick("dd/mm/yyyy", "yyyy-mm-dd");
        let dated =
            |format: &Format, suffix: &str| format.clone().set_num_format(format!("{date}{suffix}")).set_align(FormatAlign::Left);
        let decided = |fill: u32, ink: u32, sign: &str| {
            Format::new().set_background_color(fill).set_font_color(ink).set_bold().set_num_format(format!("\"{sign} \"@"))
        };
        Self {
            title: base.clone().set_bold().set_font_size(14).set_font_color(SLATE),
            section: base
                .clone()
                .set_bold()
                .set_font_size(12)
                .set_font_color(SLATE)
                .set_border_bottom(FormatBorder::Medium)
                .set_border_bottom_color(SLATE),
            label: wrap.clone().set_bold(),
            text: wrap,
            cell: framed.clone(),
            number: framed.clone().set_num_format("#,##0").set_align(FormatAlign::Right),
            percent: framed.clone().set_num_format("0%").set_align(FormatAlign::Right),
            total_percent: total.clone().set_num_format("0%").set_align(FormatAlign::Right),
            total: total.clone().set_num_format("#,##0").set_align(FormatAlign::Right),
            total_label: total,
            head_input: head.clone().set_background_color(GOLD).set_font_color(INK).set_font_size(LINE_SIZE),
            head: head.set_font_size(LINE_SIZE),
            plain: base.clone(),
            aside: base.clone().set_indent(1),
            plain_small: base.clone().set_font_size(LINE_SIZE),
            sign: input.clone().set_font_size(BODY_SIZE),
            sign_date: dated(&input, "").set_font_size(BODY_SIZE),
            line_number: line.clone().set_align(FormatAlign::Center),
            line_state: line.clone().set_bold(),
            day: dated(&framed, ""),
            line_dates: [dated(&line, ""), dated(&line, lang.pick("\" ±14 j\"", "\" ±14 d\"")), dated(&line, "\" ~\"")],
            line,
            input,
            keep: decided(0xD5_EB_E3, 0x0B_4F_40, "✓"),
            revoke: decided(0xF6_CF_BF, 0x7A_20_12, "✗"),
            modify: decided(0xD3_E3_F4, 0x17_45_68, "≠"),
            undecided: Format::new().set_background_color(0xFF_E4_99).set_font_color(INK),
            // Hatched: it is seen in black and white too.
            missing: Format::new()
                .set_pattern(FormatPattern::LightUp)
                .set_foreground_color(0xC0_45_1F)
                .set_background_color(0xFF_F3_EC),
            strong: Format::new().set_bold().set_font_color(0x7A_20_12),
            done: Format::new().set_bold().set_font_color(0x0B_4F_40),
            begins: Format::new().set_border(FormatBorder::Thin).set_border_color(LINE).set_border_top_color(SLATE),
            line_title: base.clone().set_bold().set_font_size(12).set_font_color(SLATE),
            repeated: Format::new().set_font_color(0x74_81_8C),
        }
    }

    /// A day without a grain of salt, in the size of lines.
    pub(super) fn line_day(&self) -> &Format {
        let [exact, _, _] = &self.line_dates;
        exact
    }

    /// A last login: a true date, whose format says how far it can be trusted.
    pub(super) fn login(&self, precision: Precision) -> &Format {
        let [exact, days_14, coarse] = &self.line_dates;
        match precision {
            Precision::Exact => exact,
            Precision::Days14 => days_14,
            Precision::Coarse | Precision::None => coarse,
        }
    }
}
