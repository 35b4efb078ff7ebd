// The view that is shown, kept equal to the browser's address. Knows nothing of what the views are.
import type { Route } from './route.js';
import { formatRoute, parseRoute } from './route.js';

/** The part of `window` that holds the address. */
export interface AddressBar {
  readonly location: { hash: string };
  addEventListener(event: 'hashchange', listener: () => void): void;
}

export class Router {
  readonly #bar: AddressBar;
  #route: Route = $state.raw({ view: 'chat' });

  constructor(bar: AddressBar) {
    this.#bar = bar;
    this.#route = parseRoute(bar.location.hash);
    bar.addEventListener('hashchange', () => {
      this.#route = parseRoute(bar.location.hash);
    });
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    this.#route = route;
    this.#bar.location.hash = formatRoute(route);
  }
}
