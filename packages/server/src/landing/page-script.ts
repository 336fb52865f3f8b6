/** What the first page does; plain JavaScript, as the browser takes it. */
export const PAGE_SCRIPT = `const at = (id) => document.getElementById(id);
const STUDIES = '/dicom-web/studies?limit=60&includefield=StudyDescription';
let usedPassword = '';

async function ask(path, method = 'GET', body) {
  const json = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(path, { method, ...json });
  const text = await answer.text();
  if (!answer.ok) throw Object.assign(new Error(), text.startsWith('{') ? JSON.parse(text) : { status: answer.status });
  return text === '' ? undefined : JSON.parse(text);
}

function show(id) {
  for (const each of ['sign-in', 'change', 'archive']) at(each).hidden = each !== id;
  at('sign-out').hidden = id === 'sign-in';
  at('problem').textContent = '';
  at(id).querySelector('input')?.focus();
}

function tell(error) {
  at('problem').textContent = error.code === 'WRONG_CREDENTIALS' ? 'Name or password is wrong.'
    : [error.title ?? 'The server did not answer.', error.expected ? 'Expected: ' + error.expected + '.' : ''].join(' ');
}

const value = (item, tag) => item[tag]?.Value?.[0];
const day = (text) => (text ?? '').replace(/^(\\d{4})(\\d\\d)(\\d\\d)$/, '$1-$2-$3');

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function studyCard(item) {
  const card = document.createElement('li');
  const picture = document.createElement('img');
  picture.loading = 'lazy';
  picture.alt = 'no picture';
  picture.src = '/dicom-web/studies/' + encodeURIComponent(value(item, '0020000D')) + '/thumbnail';
  const text = document.createElement('div');
  const name = value(item, '00100010')?.Alphabetic?.replaceAll('^', ' ').trim();
  const modalities = (item['00080061']?.Value ?? []).join(', ');
  text.append(
    element('b', name || value(item, '00100020') || 'no name'),
    element('span', [modalities, day(value(item, '00080020'))].filter(Boolean).join(' · ')),
    element('span', value(item, '00081030') ?? ''),
    element('span', (value(item, '00201206') ?? '?') + ' series, ' + (value(item, '00201208') ?? '?') + ' images'),
  );
  card.append(picture, text);
  return card;
}

async function showArchive() {
  show('archive');
  const studies = (await ask(STUDIES)) ?? [];
  at('studies').replaceChildren(...studies.map(studyCard));
  at('more').textContent = studies.length === 0 ? 'Nothing here yet: send scans by STOW-RS or C-STORE, or import a folder.'
    : studies.length === 60 ? 'The first 60 are shown.' : '';
  const { jobs } = await ask('/api/jobs?state=running').catch(() => ({ jobs: [] }));
  at('jobs').textContent = jobs.map(({ kind, message }) => kind + ': ' + (message ?? 'running')).join(' · ');
  if (jobs.length > 0) setTimeout(() => showArchive().catch(begin), 2000);
}

async function begin() {
  try {
    const me = await ask('/api/me');
    if (me.mustChangePassword) return show(usedPassword === '' ? 'sign-in' : 'change');
    await showArchive();
  } catch (error) {
    if (error.code === 'PASSWORD_CHANGE_NEEDED') return show(usedPassword === '' ? 'sign-in' : 'change');
    show('sign-in');
    if (error.status !== 401) tell(error);
  }
}

async function state() {
  const ready = await fetch('/ready').then((answer) => answer.json()).catch(() => undefined);
  at('state').textContent = ready === undefined ? 'does not answer' : ready.status;
}

function onSubmit(id, act) {
  at(id).addEventListener('submit', (event) => {
    event.preventDefault();
    act(Object.fromEntries(new FormData(event.target))).then(begin).catch(tell);
  });
}

onSubmit('sign-in', async ({ name, password }) => {
  await ask('/api/sign-in', 'POST', { name, password });
  usedPassword = password;
});
onSubmit('change', async (fields) => {
  await ask('/api/me/password', 'PUT', { old: usedPassword, new: fields.new });
  usedPassword = '';
});
at('sign-out').addEventListener('click', () => ask('/api/sign-out', 'POST').then(() => location.reload()).catch(tell));
state();
setInterval(state, 10000);
begin();
`;
