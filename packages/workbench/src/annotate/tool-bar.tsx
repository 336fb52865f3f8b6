import { useTexts } from '../app/texts/use-texts.ts';
import styles from './annotate.module.css';
import type { AnnotationWork } from './annotation-work.ts';
import { redo, undo } from './editing-keys.ts';
import { COMMAND_KEYS, type CommandName, commandNames, toolNames } from './key-rows.ts';
import { TOOL_KEYS, type ToolName } from './tools/tool.ts';

interface ToolBarProps {
  readonly work: AnnotationWork;
  readonly name: ToolName | '';
  readonly choose: (name: ToolName | '') => void;
  readonly run: (name: CommandName) => void;
}

/** The tools that the pointer may have, what is done to the class in hand at once, and the way back. */
export function ToolBar({ work, name, choose, run }: ToolBarProps) {
  const { annotate: t } = useTexts();
  return (
    <>
      <div className={styles['tools']} role="toolbar" aria-label={t.tools}>
        {toolNames.map((tool) => (
          <button
            key={tool}
            type="button"
            aria-pressed={name === tool}
            title={`${t.tool[tool]} (${TOOL_KEYS[tool]})`}
            onClick={() => choose(name === tool ? '' : tool)}
          >
            {t.tool[tool]}
          </button>
        ))}
        <button type="button" disabled={!work.history.canUndo} title="Ctrl+Z" onClick={() => undo(work)}>
          {t.undo}
        </button>
        <button type="button" disabled={!work.history.canRedo} title="Ctrl+Y" onClick={() => redo(work)}>
          {t.redo}
        </button>
      </div>
      {name !== '' && <p className={styles['note']}>{t.howTo[name]}</p>}
      <div className={styles['tools']} role="toolbar" aria-label={t.commands}>
        {commandNames.map((command) => (
          <button
            key={command}
            type="button"
            title={`${t.command[command]} (${COMMAND_KEYS[command]})`}
            onClick={() => run(command)}
          >
            {t.command[command]}
          </button>
        ))}
      </div>
    </>
  );
}
