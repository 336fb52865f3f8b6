export * from './trans-unet-plus-plus/sizes.ts';
export * from './trans-unet-plus-plus/trans-unet-plus-plus.ts';
