import { window } from 'vscode';
import { Emitter } from '../../common/event';

/** What the user wants to see of the rows, in both views; kept for the window's life. */
export class Filter {
  readonly #changed = new Emitter<void>();
  #text = '';

  readonly onDidChange = this.#changed.event;

  get text(): string {
    return this.#text;
  }

  /** Asks for the text; the rows follow as it is typed, and go back when the user gives up. */
  async ask(): Promise<void> {
    const before = this.#text;
    const input = window.createInputBox();
    input.title = 'Filter containers';
    input.placeholder = 'Words that must all occur: name, image, folder, running, changed, failed…';
    input.prompt = 'Leave it empty to see all.';
    input.value = before;
    const accepted = await new Promise<boolean>((resolve) => {
      input.onDidChangeValue((text) => this.#set(text));
      input.onDidAccept(() => resolve(true));
      input.onDidHide(() => resolve(false));
      input.show();
    });
    if (!accepted) this.#set(before);
    input.dispose();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #set(text: string): void {
    if (text.trim() === this.#text) return;
    this.#text = text.trim();
    this.#changed.fire();
  }
}
