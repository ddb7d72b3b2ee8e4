/** One browser, several tabs: signing out in one of them signs out all, also those that are only being looked at. */

const CHANNEL = "kiwimesh-session";
const SIGNED_OUT = "signed-out";

/** What the tabs need of the session; `SessionClient` is one. */
interface Leaving {
  signOut(): Promise<void>;
  forget(): void;
}

export class Tabs {
  private readonly session: Leaving;
  private readonly channel = new BroadcastChannel(CHANNEL);

  /** `onSignedOut` is called when another tab signs out. */
  constructor(session: Leaving, onSignedOut: () => void) {
    this.session = session;
    this.channel.onmessage = (message: MessageEvent<unknown>) => {
      if (message.data !== SIGNED_OUT) return;
      session.forget();
      onSignedOut();
    };
  }

  /** Signs out here and everywhere in this browser; the other tabs are told even where the server is away. */
  async signOut(): Promise<void> {
    this.channel.postMessage(SIGNED_OUT);
    await this.session.signOut();
  }

  close(): void {
    this.channel.close();
  }
}
