//! What people are told after a draw.

use crate::domain::message::text::Template;

pub(super) const RESULT_WON: Template = Template {
    name: "result_published.won",
    title: ["摇号结果", "Result of the draw"],
    text: [
        "恭喜，{period}期摇号，您的编码{code}已中签，请登录系统查看下一步。",
        "Your code {code} has won in the draw of period {period}. Sign in to see what comes next.",
    ],
};

pub(super) const RESULT_NOT_WON: Template = Template {
    name: "result_published.not_won",
    title: ["摇号结果", "Result of the draw"],
    text: [
        "{period}期摇号，您的编码{code}未中签。",
        "Your code {code} has not won in the draw of period {period}.",
    ],
};

pub(super) const PLACE_LOST: Template = Template {
    name: "place_lost.winner",
    title: ["摇号结果更正", "The result was amended"],
    text: [
        "{period}期摇号结果已更正，您的编码{code}的中签资格被取消，指标确认通知书{certificate}作废。理由见公开的更正记录，如有异议请联系我们。",
        "The result of the draw of period {period} was amended: your code {code} has lost its place, and the quota confirmation notice {certificate} is revoked. The reason is in the public record; tell us if you object.",
    ],
};

pub(super) const PLACE_LOST_BY_RESERVE: Template = Template {
    name: "place_lost.reserve",
    title: ["摇号结果更正", "The result was amended"],
    text: [
        "{period}期摇号结果已更正，您的编码{code}的候补资格被取消。理由见公开的更正记录，如有异议请联系我们。",
        "The result of the draw of period {period} was amended: your code {code} is no reserve any more. The reason is in the public record; tell us if you object.",
    ],
};

pub(super) const PLACE_GAINED: Template = Template {
    name: "place_gained",
    title: ["候补递补中签", "A reserve has moved up"],
    text: [
        "{period}期摇号结果已更正，您的编码{code}由候补递补中签，请登录系统查看下一步。",
        "The result of the draw of period {period} was amended: your code {code} has moved up from the reserves and has won. Sign in to see what comes next.",
    ],
};

pub(super) const CERTIFICATE_ISSUED: Template = Template {
    name: "certificate_issued",
    title: ["指标确认通知书", "Quota confirmation notice"],
    text: [
        "您的指标确认通知书{number}已生成，有效期至{until:date}，逾期未用视为放弃。",
        "Your quota confirmation notice {number} is there. It is good until {until:date}; not used by then, it counts as given up.",
    ],
};

pub(super) const CERTIFICATE_EXPIRING: Template = Template {
    name: "certificate_expiring",
    title: ["指标即将失效", "Quota soon over"],
    text: [
        "您的指标{number}尚未使用，将于{until:date}失效，逾期未用视为放弃。",
        "Your quota {number} is not used yet and is good until {until:date}; not used by then, it counts as given up.",
    ],
};

pub(super) const CERTIFICATE_FORFEITED: Template = Template {
    name: "certificate_forfeited.plain",
    title: ["视为放弃指标", "Quota given up"],
    text: [
        "您的指标{number}逾期未用，视为放弃。",
        "Your quota {number} was not used in time, which counts as giving it up.",
    ],
};

pub(super) const CERTIFICATE_FORFEITED_WITH_BAN: Template = Template {
    name: "certificate_forfeited.with_ban",
    title: ["视为放弃指标", "Quota given up"],
    text: [
        "您的指标{number}逾期未用，视为放弃；{banned_until:date}前（含当日）不能再申请增量指标。",
        "Your quota {number} was not used in time, which counts as giving it up; until {banned_until:date} you cannot apply.",
    ],
};

pub(super) const BAN_LIFTED: Template = Template {
    name: "ban_lifted",
    title: ["可以重新申请", "You may apply again"],
    text: [
        "您的限制期已满，可以重新申请增量指标。",
        "Your ban is over: you may apply again.",
    ],
};
