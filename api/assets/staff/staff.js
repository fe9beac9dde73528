'use strict';

// The whole page: it asks this server, keeps the device's token in the browser, and shows a session's
// token once. `documents` comes from documents.js.

const TEXTS = {
  zh: {
    title: '工作人员登录', name: '姓名（账号）', role: '登录身份', onlyRole: '仅有一种身份时不必选择',
    REVIEWER: '审核人员', OFFICER: '经办人员', APPROVER: '批准人员', AUDITOR: '审计人',
    withPasskey: '用通行密钥登录', orPassword: '或用密码和动态验证码', password: '密码', code: '动态验证码（6 位）',
    withPassword: '登录', toInvitation: '我有运维人员给的邀请', invitation: '邀请', makePasskey: '登记通行密钥',
    orSetPassword: '或设置密码', newPassword: '新密码（10 至 128 个字符）', setPassword: '设置密码',
    scan: '请把下面的密钥输入身份验证器应用，或在手机上打开链接；密钥只显示这一次。', openApp: '在身份验证器应用中打开',
    confirm: '确认', toEntrance: '返回登录', tokenOnce: '会话令牌只显示这一次。请求时用作“Authorization: Bearer <令牌>”。',
    copy: '复制令牌', copied: '已复制。', anotherPasskey: '再登记一个通行密钥', signOut: '退出登录',
    registered: '已登记，今后可用它登录。', confirmed: '已确认，请登录。', signedOut: '已退出。',
    cancelled: '浏览器未能完成，请重试。', failed: '服务器没有答复，请稍后重试。', noPasskeys: '此浏览器不支持通行密钥。',
    until: '有效期至', language: 'English',
  },
  en: {
    title: 'Staff sign-in', name: 'Name', role: 'Sign in as', onlyRole: 'the only role that I have',
    REVIEWER: 'reviewer', OFFICER: 'officer', APPROVER: 'approver', AUDITOR: 'auditor',
    withPasskey: 'Sign in with a passkey', orPassword: 'or with password and code', password: 'Password',
    code: 'Authenticator code (6 digits)', withPassword: 'Sign in', toInvitation: 'I have an invitation of the operator’s',
    invitation: 'Invitation', makePasskey: 'Register a passkey', orSetPassword: 'or choose a password',
    newPassword: 'New password (10 to 128 characters)', setPassword: 'Choose password',
    scan: 'Type this secret into an authenticator app, or open the link on your phone. It is shown this once.',
    openApp: 'Open in an authenticator app', confirm: 'Confirm', toEntrance: 'Back to sign-in',
    tokenOnce: 'The session’s token is shown this once. Send it as “Authorization: Bearer <token>”.',
    copy: 'Copy the token', copied: 'Copied.', anotherPasskey: 'Register another passkey', signOut: 'Sign out',
    registered: 'Registered. You can sign in with it from now on.', confirmed: 'Confirmed. Sign in now.', signedOut: 'Signed out.',
    cancelled: 'The browser did not finish. Try again.', failed: 'The server did not answer. Try again later.',
    noPasskeys: 'This browser has no passkeys.', until: 'until', language: '中文',
  },
};

const find = (id) => document.getElementById(id);
let language = (navigator.language || 'zh').startsWith('zh') ? 'zh' : 'en';
let token = null;

function speak() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) {
    element.textContent = TEXTS[language][element.dataset.text];
  }
  find('language').textContent = TEXTS[language].language;
  document.title = `${TEXTS[language].title} · Fairplate`;
}

function tell(text, isWrong = false) {
  const told = find('told');
  told.textContent = text;
  told.hidden = !text;
  told.classList.toggle('wrong', isWrong);
}

function show(section) {
  for (const id of ['entrance', 'invited', 'inside']) find(id).hidden = id !== section;
}

/** Sends a document of the house; gives its one payload, or throws what to tell. */
async function ask(name, input) {
  const headers = { 'content-type': 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const variables = { input };
  if (documents[name].includes('$locale')) variables.locale = language === 'zh' ? 'ZH_CN' : 'EN';
  let answer;
  try {
    const response = await fetch('/graphql', {
      method: 'POST', headers, body: JSON.stringify({ query: documents[name], variables }),
    });
    answer = await response.json();
  } catch {
    throw TEXTS[language].failed;
  }
  if (answer.errors?.length) throw answer.errors[0].message;
  const payload = Object.values(answer.data)[0];
  if (payload.explanation) throw payload.explanation;
  return payload;
}

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** The browser's answer as the server reads it. */
function written(credential) {
  const response = {};
  for (const part of ['attestationObject', 'clientDataJSON', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[part]) response[part] = toText(credential.response[part]);
  }
  return JSON.stringify({ id: credential.id, rawId: toText(credential.rawId), type: credential.type, response });
}

async function ofBrowser(work) {
  if (!window.PublicKeyCredential) throw TEXTS[language].noPasskeys;
  try {
    return written(await work());
  } catch {
    throw TEXTS[language].cancelled;
  }
}

function make(options) {
  const { publicKey } = JSON.parse(options);
  publicKey.challenge = toBytes(publicKey.challenge);
  publicKey.user.id = toBytes(publicKey.user.id);
  for (const known of publicKey.excludeCredentials ?? []) known.id = toBytes(known.id);
  return ofBrowser(() => navigator.credentials.create({ publicKey }));
}

function prove(options) {
  const { publicKey } = JSON.parse(options);
  publicKey.challenge = toBytes(publicKey.challenge);
  for (const known of publicKey.allowCredentials ?? []) known.id = toBytes(known.id);
  return ofBrowser(() => navigator.credentials.get({ publicKey }));
}

async function register(invited) {
  const asked = await ask('StartPasskeyRegistration', invited ? { invited } : {});
  const credential = await make(asked.options);
  await ask('FinishPasskeyRegistration', { request: asked.request, credential });
  tell(TEXTS[language].registered);
}

function enter(signedIn) {
  token = signedIn.token;
  localStorage.setItem('fairplate.device', signedIn.deviceToken);
  const { name, role } = signedIn.viewer;
  const until = new Date(signedIn.expiresAt).toLocaleTimeString(document.documentElement.lang);
  find('who').textContent = `${name} · ${TEXTS[language][role]} · ${TEXTS[language].until} ${until}`;
  find('token').textContent = token;
  find('sign-in').reset();
  tell('');
  show('inside');
}

/** What a form says, without what was left empty, and the device. */
function typed(form, isSignIn) {
  const values = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''));
  const deviceToken = localStorage.getItem('fairplate.device');
  return isSignIn && deviceToken ? { ...values, deviceToken } : values;
}

/** Does something when a button is pressed or a form is sent, once at a time. */
function on(id, event, work) {
  find(id).addEventListener(event, async (happened) => {
    happened.preventDefault();
    const buttons = document.querySelectorAll('button');
    for (const button of buttons) button.disabled = true;
    tell('');
    try {
      await work();
    } catch (told) {
      tell(typeof told === 'string' ? told : TEXTS[language].failed, true);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  });
}

on('language', 'click', () => {
  language = language === 'zh' ? 'en' : 'zh';
  speak();
});
on('to-invitation', 'click', () => show('invited'));
on('to-entrance', 'click', () => show('entrance'));

on('sign-in', 'submit', async () => enter(await ask('SignInStaff', typed(find('sign-in'), true))));

on('with-passkey', 'click', async () => {
  const { name, role, deviceToken } = typed(find('sign-in'), true);
  if (!name) return find('sign-in').elements.name.focus();
  const asked = await ask('StartPasskeySignIn', { name });
  const credential = await prove(asked.options);
  enter(await ask('FinishPasskeySignIn', { request: asked.request, credential, role, deviceToken }));
});

on('make-passkey', 'click', async () => {
  const { name, invitation } = typed(find('invitation'), false);
  await register({ name, invitation });
  show('entrance');
});

on('invitation', 'submit', async () => {
  const set = await ask('SetStaffPassword', typed(find('invitation'), false));
  find('otpauth').href = set.otpauthUri;
  find('secret').textContent = set.secret;
  find('confirmation').hidden = false;
  find('confirmation').elements.code.focus();
});

on('confirmation', 'submit', async () => {
  const { name, invitation } = typed(find('invitation'), false);
  await ask('ConfirmStaffPassword', { name, invitation, ...typed(find('confirmation'), false) });
  find('secret').textContent = '';
  find('otpauth').removeAttribute('href');
  for (const id of ['invitation', 'confirmation']) find(id).reset();
  find('confirmation').hidden = true;
  show('entrance');
  tell(TEXTS[language].confirmed);
});

on('copy', 'click', async () => {
  await navigator.clipboard.writeText(token);
  tell(TEXTS[language].copied);
});
on('another-passkey', 'click', () => register(null));
on('sign-out', 'click', async () => {
  await ask('SignOut', { sessions: 'THIS' });
  token = null;
  find('token').textContent = '';
  show('entrance');
  tell(TEXTS[language].signedOut);
});

speak();
