import type { ViewTool } from '../../viewer/viewport-contract.ts';
import { boxTool } from './box-tool.ts';
import { clickTool, scribbleTool } from './click-tools.ts';
import { regionTool } from './region-tool.ts';
import { scissorsTool } from './scissors-tool.ts';
import { strokeTool } from './stroke-tool.ts';
import type { OnPointer, ToolContext, ToolName } from './tool.ts';

const TOOLS: Readonly<Record<ToolName, (context: ToolContext) => OnPointer>> = {
  brush: strokeTool,
  eraser: strokeTool,
  threshold: strokeTool,
  region: regionTool,
  scissors: scissorsTool,
  box: boxTool,
  click: clickTool,
  scribble: scribbleTool,
};

/** The tool in hand over a work. */
export function toolOf(context: ToolContext): ViewTool {
  const hasRing = TOOLS[context.choice.name] === strokeTool;
  return { cursor: hasRing ? 'none' : 'crosshair', onPointer: TOOLS[context.choice.name](context) };
}
