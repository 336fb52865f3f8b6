/** A DICOM peer that may be asked, or may ask. */
export interface DicomPeer {
  readonly aeTitle: string;
  readonly host: string;
  readonly port: number;
}

/** How a server runs; every field has a default (`DEFAULT_SETTINGS`). */
export interface Settings {
  /** Where everything is kept that is not elsewhere by `database` and `objects`. */
  readonly dataFolder: string;
  /** Only this address is listened on. */
  readonly host: string;
  readonly httpPort: number;
  /** As browsers and peers see the server; from host and port without it. */
  readonly publicUrl?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly dimse: {
    readonly port: number;
    readonly aeTitle: string;
    /** The project that C-STORE puts new studies into. */
    readonly project: string;
    /** Calling AE titles that are let in, each with what it may do; `any` lets in every peer from loopback only. */
    readonly callers:
      | 'any'
      | readonly { readonly aeTitle: string; readonly mayRead: boolean; readonly mayWrite: boolean }[];
    /** Destinations of C-MOVE. */
    readonly peers: readonly DicomPeer[];
    readonly tls?: { readonly certificate: string; readonly key: string; readonly authority?: string };
  };
  /** `sqlite:` in the data folder without it; `postgres://…`. */
  readonly database?: string;
  /** A bucket; files in the data folder without it. Models and runs of trainings lie in the data folder either way. */
  readonly objects?: {
    readonly endpoint: string;
    readonly bucket: string;
    readonly region: string;
    readonly accessKey: string;
    readonly secretKey: string;
  };
  readonly limits: {
    /** Of one instance. */
    readonly instanceBytes: number;
    /** Of one request. */
    readonly requestBytes: number;
    /** Matches of one query, at most. */
    readonly matches: number;
    readonly requestsPerMinute: number;
  };
  readonly sessionMinutes: number;
  /** Folder of the workbench's build; without it the first page says how to make it. */
  readonly workbench?: string;
  /** Folders whose new files are imported as they come; they stay where they are. */
  readonly watchFolders: readonly { readonly folder: string; readonly project: string }[];
  readonly openId?: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret?: string;
    /** The claim that holds the roles. */
    readonly rolesClaim: string;
  };
  /** The interface of MONAI Label, for 3D Slicer, OHIF and others. */
  readonly monailabel: {
    /** Where it stands. */
    readonly root: string;
    /** Off: who reaches it without credentials may annotate and train in project `default`. */
    readonly auth: boolean;
    /** A port of its own besides, where it stands at `/`: as OHIF's build wants it. */
    readonly port?: number;
    /** OHIF's build as PyPI's `monailabel` carries it, served under `/ohif/` of that port. */
    readonly ohifFolder?: string;
  };
  readonly federation: {
    /** Where sites of federations find this coordinator; it takes none without. */
    readonly port?: number;
    /** `host` of the settings without it. */
    readonly host?: string;
    /** As sites see the port: `https://…`. */
    readonly publicUrl?: string;
    /** Encrypts keys, models and updates of federations on the disk; they stand open, for the owner alone, without it. */
    readonly secret?: string;
    /** Of one message of a federation. */
    readonly messageBytes: number;
  };
  /** The program whose command `train` trains; no trainings without. */
  readonly program?: { readonly command: string; readonly args: readonly string[] };
  /** Origins other than its own that browsers may ask from; none without. */
  readonly allowedOrigins: readonly string[];
  /** Hosts or networks (CIDR) that DICOMweb pulls and rest-hooks may reach besides public addresses; loopback and private ones are refused. */
  readonly allowedTargets: readonly string[];
}

const GIBIBYTE = 1 << 30;

export const DEFAULT_SETTINGS: Settings = {
  dataFolder: 'vesalius-data',
  host: '127.0.0.1',
  httpPort: 8080,
  dimse: { port: 11112, aeTitle: 'VESALIUS', project: 'default', callers: 'any', peers: [] },
  limits: { instanceBytes: 2 * GIBIBYTE - 1, requestBytes: 8 * GIBIBYTE, matches: 1000, requestsPerMinute: 6000 },
  sessionMinutes: 60,
  watchFolders: [],
  monailabel: { root: '/monailabel', auth: true },
  federation: { messageBytes: 256 << 20 },
  allowedOrigins: [],
  allowedTargets: [],
};
