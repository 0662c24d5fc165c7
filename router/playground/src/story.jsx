// The saved operations, as a panel of GraphiQL.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import operations from 'virtual:operations';

export const STORY = { title: 'Story', icon: StoryIcon, content: Story };

function Story() {
  const { addTab } = useGraphiQLActions();
  const editors = useGraphiQL(({ queryEditor, variableEditor, headerEditor, responseEditor }) => ({
    queryEditor,
    variableEditor,
    headerEditor,
    responseEditor,
  }));

  // The editors load after the page. What is opened before they are there would be lost.
  const isReady = Boolean(editors.queryEditor && editors.variableEditor && editors.headerEditor);

  /** Opens an operation in a tab of its own, with the headers (and so the token) of this one. */
  function open(operation) {
    const headers = editors.headerEditor.getValue();
    addTab();
    editors.queryEditor.setValue(operation.query);
    editors.variableEditor.setValue(operation.variables);
    editors.headerEditor.setValue(headers);
  }

  /** Puts the access token of the answer that is shown into the headers. */
  function useToken() {
    const token = /"accessToken":\s*"([^"]+)"/.exec(editors.responseEditor?.getValue() ?? '')?.[1];
    if (!token) {
      alert('The answer of this tab holds no accessToken. Run the log-in first.');
      return;
    }
    editors.headerEditor?.setValue(JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2));
  }

  return (
    <section aria-label="Story" className="story">
      <h2>Story</h2>
      <p>
        <button type="button" className="graphiql-button" onClick={useToken}>
          Use token
        </button>{' '}
        from the answer on the right, in the headers of this tab and of those opened from here.
      </p>
      {operations.length === 0 && <p>No operations are saved yet.</p>}
      <ol>
        {operations.map((operation) => (
          <li key={operation.name}>
            <button
              type="button"
              className="graphiql-un-styled"
              disabled={!isReady}
              onClick={() => open(operation)}
            >
              <span className="number">{operation.number}</span> {operation.title}
            </button>
            {operation.notes && <p>{operation.notes}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function StoryIcon() {
  return (
    <svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden>
      <path d="M12 6c-2-1.5-5-2-9-2v14c4 0 7 .5 9 2 2-1.5 5-2 9-2V4c-4 0-7 .5-9 2zm0 0v14" />
    </svg>
  );
}
