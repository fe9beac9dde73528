//! The texts, in both languages. A text says what it is for before anything else, and carries no
//! more than its reader needs to act.

/// What becomes of somebody who was drawn.
mod drawn;

use super::{CodeUse, MovedDay, Purpose, text::Template};
use drawn::{
    BAN_LIFTED, CERTIFICATE_EXPIRING, CERTIFICATE_FORFEITED, CERTIFICATE_FORFEITED_WITH_BAN,
    CERTIFICATE_ISSUED, PLACE_GAINED, PLACE_LOST, PLACE_LOST_BY_RESERVE, RESULT_NOT_WON,
    RESULT_WON,
};

impl Purpose {
    /// Its texts. A purpose without texts does not compile.
    pub(super) fn template(&self) -> Template {
        match self {
            Self::OneTimeCode { allows, .. } => one_time_code(*allows),
            Self::CodeRecovered { .. } => CODE_RECOVERED,
            Self::ApplicationReceived { .. } => APPLICATION_RECEIVED,
            Self::ApplicationCancelled { .. } => APPLICATION_CANCELLED,
            Self::RenewalDue { .. } => RENEWAL_DUE,
            Self::ApplicationRenewed { .. } => APPLICATION_RENEWED,
            Self::ApplicationLapsed { .. } => APPLICATION_LAPSED,
            Self::ReviewPublished {
                approved,
                second_look_until,
                ..
            } => match (approved, second_look_until) {
                (true, _) => REVIEW_APPROVED,
                (false, Some(_)) => REVIEW_REFUSED_WITH_SECOND_LOOK,
                (false, None) => REVIEW_REFUSED,
            },
            Self::SecondLookDecided { approved: true, .. } => SECOND_LOOK_APPROVED,
            Self::SecondLookDecided { .. } => SECOND_LOOK_UPHELD,
            Self::TierJoined { .. } => TIER_JOINED,
            Self::PeriodMoved { day, .. } => match day {
                MovedDay::ApplicationsEnd => APPLICATIONS_END_MOVED,
                MovedDay::ReviewPublication => REVIEW_PUBLICATION_MOVED,
                MovedDay::Draw => DRAW_MOVED,
            },
            Self::RepresentativeInvited { .. } => REPRESENTATIVE_INVITED,
            Self::ReserveCalled { .. } => RESERVE_CALLED,
            Self::ResultPublished { won: true, .. } => RESULT_WON,
            Self::ResultPublished { .. } => RESULT_NOT_WON,
            Self::PlaceLost {
                certificate: Some(_),
                ..
            } => PLACE_LOST,
            Self::PlaceLost { .. } => PLACE_LOST_BY_RESERVE,
            Self::PlaceGained { .. } => PLACE_GAINED,
            Self::CertificateIssued { .. } => CERTIFICATE_ISSUED,
            Self::CertificateExpiring { .. } => CERTIFICATE_EXPIRING,
            Self::CertificateForfeited {
                banned_until: Some(_),
                ..
            } => CERTIFICATE_FORFEITED_WITH_BAN,
            Self::CertificateForfeited { .. } => CERTIFICATE_FORFEITED,
            Self::BanLifted => BAN_LIFTED,
            Self::SignInFromNewDevice { .. } => SIGN_IN_FROM_NEW_DEVICE,
            Self::PhoneChanged { .. } => PHONE_CHANGED,
            Self::PasswordChanged { .. } => PASSWORD_CHANGED,
            Self::TaskDue { .. } => TASK_DUE,
        }
    }
}

/// Every text that there is: what a city registers with a receiver that keeps the texts itself.
pub(super) fn all() -> Vec<Template> {
    let codes = CodeUse::ALL.map(one_time_code);
    codes.into_iter().chain(OTHERS).collect()
}

/// All but the one-time codes.
const OTHERS: [Template; 31] = [
    CODE_RECOVERED,
    APPLICATION_RECEIVED,
    APPLICATION_CANCELLED,
    RENEWAL_DUE,
    APPLICATION_RENEWED,
    APPLICATION_LAPSED,
    REVIEW_APPROVED,
    REVIEW_REFUSED,
    REVIEW_REFUSED_WITH_SECOND_LOOK,
    SECOND_LOOK_APPROVED,
    SECOND_LOOK_UPHELD,
    TIER_JOINED,
    APPLICATIONS_END_MOVED,
    REVIEW_PUBLICATION_MOVED,
    DRAW_MOVED,
    REPRESENTATIVE_INVITED,
    RESERVE_CALLED,
    RESULT_WON,
    RESULT_NOT_WON,
    PLACE_LOST,
    PLACE_LOST_BY_RESERVE,
    PLACE_GAINED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_EXPIRING,
    CERTIFICATE_FORFEITED,
    CERTIFICATE_FORFEITED_WITH_BAN,
    BAN_LIFTED,
    SIGN_IN_FROM_NEW_DEVICE,
    PHONE_CHANGED,
    PASSWORD_CHANGED,
    TASK_DUE,
];

/// What the code is for, the code, how long, and that nobody else may know it.
macro_rules! code_text {
    ($name:literal, $zh:literal, $en:literal) => {
        Template {
            name: concat!("one_time_code.", $name),
            title: ["验证码", "One-time code"],
            text: [
                concat!("您正在", $zh, "，验证码{code}，{minutes}分钟内有效。工作人员不会索要验证码，请勿告诉任何人；非本人操作请忽略。"),
                concat!("To ", $en, ", use the code {code} within {minutes} minutes. Nobody of ours will ever ask you for it: tell it to nobody, and ignore it if you did not ask."),
            ],
        }
    };
}

fn one_time_code(allows: CodeUse) -> Template {
    match allows {
        CodeUse::Register => code_text!("register", "注册账户", "make your account"),
        CodeUse::SignIn => code_text!("sign_in", "登录账户", "sign in"),
        CodeUse::ResetPassword => {
            code_text!("reset_password", "重设密码", "set a new password")
        }
        CodeUse::LeavePhone => code_text!(
            "leave_phone",
            "更换手机号（原手机验证）",
            "give up this phone number"
        ),
        CodeUse::ConfirmPhone => code_text!(
            "confirm_phone",
            "更换手机号（新手机验证）",
            "take this phone number as yours"
        ),
        CodeUse::ConfirmApplication => code_text!(
            "confirm_application",
            "提交小客车指标申请",
            "submit your application"
        ),
        CodeUse::RecoverCode => code_text!(
            "recover_code",
            "找回申请编码",
            "be told your application code"
        ),
    }
}

const CODE_RECOVERED: Template = Template {
    name: "code_recovered",
    title: ["您的申请编码", "Your application code"],
    text: [
        "您查询的申请编码是{code}。",
        "You asked for your application code: it is {code}.",
    ],
};

const APPLICATION_RECEIVED: Template = Template {
    name: "application_received",
    title: ["申请已提交", "Application received"],
    text: [
        "您的{period}期申请已提交，申请编码{code}，审核结果将于{review_publish_on:date}公布。",
        "Your application for period {period} is in; its code is {code}. The result of its review comes on {review_publish_on:date}.",
    ],
};

const APPLICATION_CANCELLED: Template = Template {
    name: "application_cancelled",
    title: ["申请已取消", "Application cancelled"],
    text: [
        "您的申请（编码{code}）已按您的要求取消，累计参加次数保留。",
        "Your application {code} is cancelled as you asked. The periods that you took part in still count.",
    ],
};

const RENEWAL_DUE: Template = Template {
    name: "renewal_due",
    title: ["申请编码即将到期", "Application soon over"],
    text: [
        "您的申请编码{code}将于{until:date}到期，请在此前登录系统确认延期，否则不再参加摇号。",
        "Your application {code} is good until {until:date}. Sign in and renew it by then, or it takes part no longer.",
    ],
};

const APPLICATION_RENEWED: Template = Template {
    name: "application_renewed",
    title: ["申请已延期", "Application renewed"],
    text: [
        "您的申请编码{code}已延期，有效期至{until:date}。",
        "Your application {code} is renewed and good until {until:date}.",
    ],
};

const APPLICATION_LAPSED: Template = Template {
    name: "application_lapsed",
    title: ["申请编码已失效", "Application lapsed"],
    text: [
        "您的申请编码{code}因未按时延期已失效，累计参加次数保留，您可以重新申请。",
        "Your application {code} was not renewed and has lapsed. The periods that you took part in still count, and you may apply again.",
    ],
};

const REVIEW_APPROVED: Template = Template {
    name: "review_published.approved",
    title: ["资格审核结果", "Result of the review"],
    text: [
        "您的申请审核通过，{code}为有效编码，将参加摇号。",
        "Your application is approved: {code} is a valid code and takes part in the draw.",
    ],
};

const REVIEW_REFUSED: Template = Template {
    name: "review_published.refused",
    title: ["资格审核结果", "Result of the review"],
    text: [
        "您的申请（编码{code}）审核未通过，请登录系统查看原因和办法。",
        "Your application {code} is not approved. Sign in to see the reasons and what you can do.",
    ],
};

const REVIEW_REFUSED_WITH_SECOND_LOOK: Template = Template {
    name: "review_published.refused_with_second_look",
    title: ["资格审核结果", "Result of the review"],
    text: [
        "您的申请（编码{code}）审核未通过，请登录系统查看原因和办法；如有异议，可于{second_look_until:date}前（含当日）申请复核。",
        "Your application {code} is not approved. Sign in to see the reasons and what you can do; until {second_look_until:date} you may ask for a second look.",
    ],
};

const SECOND_LOOK_APPROVED: Template = Template {
    name: "second_look_decided.approved",
    title: ["复核结果", "Result of the second look"],
    text: [
        "您申请的复核已通过，{code}为有效编码，将参加摇号。",
        "After the second look your application is approved: {code} is a valid code and takes part in the draw.",
    ],
};

const SECOND_LOOK_UPHELD: Template = Template {
    name: "second_look_decided.upheld",
    title: ["复核结果", "Result of the second look"],
    text: [
        "您申请的复核（编码{code}）维持原审核结果，请登录系统查看原因。",
        "The second look at your application {code} has come to the same result. Sign in to see the reasons.",
    ],
};

const TIER_JOINED: Template = Template {
    name: "tier_joined",
    title: ["报名成功", "Tiered lottery joined"],
    text: [
        "您的申请编码{code}已参加阶梯摇号，报名成功。",
        "Your application {code} has joined the tiered lottery.",
    ],
};

const APPLICATIONS_END_MOVED: Template = Template {
    name: "period_moved.applications_end",
    title: ["日程变更", "A day was moved"],
    text: [
        "{period}期的申请截止日由{from:date}调整为{to:date}。",
        "The last day to apply for period {period} was moved from {from:date} to {to:date}.",
    ],
};

const REVIEW_PUBLICATION_MOVED: Template = Template {
    name: "period_moved.review_publication",
    title: ["日程变更", "A day was moved"],
    text: [
        "{period}期的审核结果公布日由{from:date}调整为{to:date}。",
        "The results of the review of period {period} come on {to:date} instead of {from:date}.",
    ],
};

const DRAW_MOVED: Template = Template {
    name: "period_moved.draw",
    title: ["日程变更", "A day was moved"],
    text: [
        "{period}期的摇号日由{from:date}调整为{to:date}。",
        "The draw of period {period} is on {to:date} instead of {from:date}.",
    ],
};

const REPRESENTATIVE_INVITED: Template = Template {
    name: "representative_invited",
    title: [
        "邀请担任申请人代表",
        "Invitation as applicants' representative",
    ],
    text: [
        "您被随机选为{period}期申请人代表，邀请您于{draw_on:date}到现场参加摇号，请在{answer_by:moment}前登录系统答复是否参加。",
        "You were drawn as an applicants' representative of period {period} and are invited to the draw on {draw_on:date}. Sign in and say until {answer_by:moment} whether you come.",
    ],
};

const RESERVE_CALLED: Template = Template {
    name: "reserve_called",
    title: ["递补为申请人代表", "Called as applicants' representative"],
    text: [
        "您递补为{period}期申请人代表，邀请您于{draw_on:date}到现场参加摇号，请在{answer_by:moment}前登录系统答复是否参加。",
        "You take the place of an applicants' representative of period {period} and are invited to the draw on {draw_on:date}. Sign in and say until {answer_by:moment} whether you come.",
    ],
};

const SIGN_IN_FROM_NEW_DEVICE: Template = Template {
    name: "sign_in_from_new_device",
    title: ["新设备登录", "Sign-in from a new device"],
    text: [
        "您的账户于{at:moment}在新设备（{device}）登录。如非本人操作，请立即修改密码并退出该设备。",
        "Somebody signed in to your account from a new device ({device}) on {at:moment}. If it was not you, change your password at once and sign that device out.",
    ],
};

const PHONE_CHANGED: Template = Template {
    name: "phone_changed",
    title: ["手机号已更换", "Phone changed"],
    text: [
        "您的账户于{at:moment}更换了手机号。如非本人操作，请立即联系我们。",
        "The phone of your account was changed on {at:moment}. If it was not you, tell us at once.",
    ],
};

const PASSWORD_CHANGED: Template = Template {
    name: "password_changed",
    title: ["密码已修改", "Password changed"],
    text: [
        "您的账户于{at:moment}修改了密码。如非本人操作，请立即重设密码并联系我们。",
        "The password of your account was changed on {at:moment}. If it was not you, set a new one at once and tell us.",
    ],
};

const TASK_DUE: Template = Template {
    name: "task_due",
    title: ["待办事项", "Something to do"],
    text: [
        "{subject}的“{task}”应于{on:date}办理。",
        "{task} of {subject} is due on {on:date}.",
    ],
};
