import { createElement, DataSet } from '@vesalius/dicom';
import { fileOf, instanceUid, multipart, picture } from '../conformance/dicomweb-client.ts';
import { type BadRequest, type Demand, overHttp, type Target } from './bad-request.ts';

const STUDY = '1.2.826.0.1.3680043.8.498.8080';
const STUDIES = '/dicom-web/studies';
const INSTANCE = `${STUDIES}/${STUDY}/series/${STUDY}.1/instances/${instanceUid(1, STUDY)}`;
const DICOM = 'multipart/related; type="application/dicom"';

const problem = (status: number): Demand => ({ status, body: 'problem' });
const refused = (reason: number): Demand => ({ status: 409, body: 'store', reason });
const post = (contentType: string, body: BodyInit): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': contentType },
  body,
});
const stow = (name: string, demand: Demand, request: RequestInit | (() => Promise<RequestInit>), path = '') =>
  overHttp(`STOW: ${name}`, `${STUDIES}${path}`, demand, request);
const qido = (query: string, path = STUDIES) =>
  overHttp(`QIDO: ${path.slice(10)}?${query}`, `${path}?${query}`, problem(400));
const wado = (path: string, status: number, accept?: string) =>
  overHttp(
    `WADO: …${path} ${accept ?? ''}`,
    `${INSTANCE}${path}`,
    problem(status),
    accept ? { headers: { Accept: accept } } : {},
  );
const metadata = (text: string) =>
  multipart([{ headers: { 'Content-Type': 'application/dicom+json' }, body: text }], 'application/dicom+json');

/** The instance that the others ask for. */
async function storeFirst({ url, token }: Target): Promise<readonly string[]> {
  const { headers, ...request } = multipart([await fileOf(picture(1, { study: STUDY }))]);
  const answer = await fetch(`${url}${STUDIES}`, {
    ...request,
    headers: { ...headers, Authorization: `Bearer ${token}` },
  });
  return answer.status === 200 ? [] : [`status ${answer.status}`];
}

const STORING: readonly BadRequest[] = [
  { name: 'STOW: what is right is stored', send: storeFirst },
  stow('other bytes under a UID that is there', refused(0x0111), async () =>
    multipart([await fileOf(picture(1, { study: STUDY, more: [createElement('ImageComments', 'other')] }))]),
  ),
  stow(
    'an instance of another study',
    refused(0xa900),
    async () => multipart([await fileOf(picture(2, { study: STUDY }))]),
    '/1.2.3',
  ),
  stow('no DICOM', refused(0xc000), multipart([Buffer.from('Secret')])),
  stow('an empty part', refused(0xc000), multipart([Buffer.alloc(0)])),
  stow('a file cut short inside its header', refused(0xc000), async () =>
    multipart([(await fileOf(picture(3, { study: STUDY }))).subarray(0, 400)]),
  ),
  stow('a data set without UIDs', refused(0xc000), async () =>
    multipart([await fileOf(new DataSet([createElement('PatientName', 'Secret^Marker')]))]),
  ),
  stow('a multipart body without boundary', problem(400), post(DICOM, 'x')),
  stow('a multipart body that is none', problem(400), post(`${DICOM}; boundary=b`, 'Secret')),
  stow('a multipart body without parts', problem(400), post(`${DICOM}; boundary=b`, '--b--')),
  stow('a multipart body that breaks off', problem(400), post(`${DICOM}; boundary=b`, '--b\r\n\r\nSecret')),
  stow('headers of a part without end', problem(413), post(`${DICOM}; boundary=b`, `--b\r\nA: ${'x'.repeat(100_000)}`)),
  stow('a boundary that is none', problem(400), post(`${DICOM}; boundary="${'x'.repeat(80)}"`, 'x')),
  stow('JSON that is none', problem(400), metadata('{"Secret')),
  stow('JSON of another shape', problem(400), metadata('[["Secret"]]')),
  stow('JSON with text for a number', problem(400), metadata('[{"00280010": {"vr": "US", "Value": ["Secret"]}}]')),
  stow(
    'JSON nested without end',
    problem(400),
    metadata(`${'[{"00400275":{"vr":"SQ","Value":'.repeat(100)}[]${'}}]'.repeat(100)}`),
  ),
  stow(
    'bulk data that are not there',
    problem(400),
    metadata('[{"7FE00010": {"vr": "OW", "BulkDataURI": "file:///etc/passwd"}}]'),
  ),
  stow('plain text', problem(415), post('text/plain', 'Secret')),
  stow('a form', problem(415), post('multipart/form-data; boundary=b', '--b--')),
  stow('parts of another type', problem(415), multipart([Buffer.from('x')], 'image/jpeg')),
  stow('an Accept that cannot be followed', problem(406), {
    ...post('application/dicom', 'x'),
    headers: { 'Content-Type': 'application/dicom', Accept: 'text/html' },
  }),
  stow('a study that is no UID', problem(400), post('application/dicom', 'x'), '/Secret'),
];

const SEARCHING: readonly BadRequest[] = [
  qido('NoSuchAttribute=Secret'),
  qido('PatientName.PatientID.Nothing=Secret'),
  qido('includefield=Nothing'),
  qido('limit=-1'),
  qido('limit=1e3'),
  qido('offset=first'),
  qido('fuzzymatching=Secret'),
  qido('PatientID=Secret&00100020=Marker'),
  qido('StudyDate=Secret'),
  qido('StudyDate=20201399'),
  qido(`StudyInstanceUID=1.2.3`, `${STUDIES}/1.2.4/series`),
  qido('limit=1', `${STUDIES}/Secret/series`),
  overHttp('QIDO: as HTML', STUDIES, problem(406), { headers: { Accept: 'text/html' } }),
  overHttp(
    'QIDO: by POST as a form',
    '/dicom-web/series',
    problem(404),
    post('application/x-www-form-urlencoded', 'PatientID=1'),
  ),
];

const RETRIEVING: readonly BadRequest[] = [
  overHttp('WADO: a study that is not there', `${STUDIES}/1.2.3`, problem(404)),
  overHttp('WADO: a path out of the archive', `${STUDIES}/..%2f..%2fetc%2fpasswd`, problem(400)),
  wado('/frames/0', 400),
  wado('/frames/one', 400),
  wado('/frames/2', 404),
  wado('/frames/1,1', 406, 'application/octet-stream'),
  wado('/frames/1', 406, 'multipart/related; type="video/mp4"'),
  wado('', 406, 'text/html'),
  wado('', 406, 'multipart/related; type="application/dicom"; transfer-syntax=1.2.3'),
  wado('', 400, 'Secret'),
  wado('/metadata', 406, 'image/png'),
  wado('/bulkdata/00100010', 404),
  wado('/bulkdata/%2e%2e%2fetc', 400),
  wado('/rendered?window=wide', 400),
  wado('/rendered?window=40,0', 400),
  wado('/rendered?viewport=1000000,1000000', 400),
  wado('/rendered?quality=0', 400),
  wado('/rendered?annotation=patient', 400),
  wado('/rendered', 406, 'image/gif'),
  overHttp('WADO-URI: no request type', '/wado?studyUID=1', problem(400)),
  overHttp(
    'WADO-URI: an instance that is not there',
    '/wado?requestType=WADO&studyUID=1&seriesUID=1&objectUID=1',
    problem(404),
  ),
  overHttp('removal of what is not there', `${STUDIES}/1.2.3`, problem(404), { method: 'DELETE' }),
];

export const DICOMWEB_REQUESTS: readonly BadRequest[] = [...STORING, ...SEARCHING, ...RETRIEVING];
