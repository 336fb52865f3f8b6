/** Where one looks: the point of the picture in the middle of the view, and how many pixels of the view one of the picture takes. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const [LEAST_ZOOM, MOST_ZOOM] = [0.0005, 4];

/** The whole picture in view; of one much longer than the view, its beginning around `start` at a size that can be read. */
export function fitted(picture: Size, view: Size, start?: number): Camera {
  const zoom = Math.min(1.2, (view.width - 40) / picture.width, (view.height - 40) / picture.height);
  const readable = 0.6;
  if (start === undefined || zoom >= readable)
    return { x: picture.width / 2, y: picture.height / 2, zoom: bounded(zoom) };
  return { x: start, y: (view.height / 2 - 20) / readable, zoom: readable };
}

/** Zooms so that what lies under the pointer stays there. @param at - from the middle of the view */
export function zoomedAt(camera: Camera, factor: number, at: { x: number; y: number } = { x: 0, y: 0 }): Camera {
  const zoom = bounded(camera.zoom * factor);
  const shift = 1 / camera.zoom - 1 / zoom;
  return { x: camera.x + at.x * shift, y: camera.y + at.y * shift, zoom };
}

function bounded(zoom: number): number {
  return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
}
