export * from './generated/vesalius/federation/v1/federation_pb.js';
