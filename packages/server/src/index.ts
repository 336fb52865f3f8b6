export { DEFAULT_SETTINGS, type DicomPeer, type Settings } from './settings.ts';
