// Starts the page: joins the browser's parts to the page's and shows it.
import { mount } from 'svelte';
import App from './App.svelte';
import { createClient } from './lib/api/client.js';
import { createRequests } from './lib/api/requests.js';
import { Page } from './lib/page.svelte.js';
import { Router } from './lib/router.svelte.js';
import { newSessionName } from './lib/session-name.js';
import { Settings } from './lib/settings.svelte.js';
import { browserValues } from './lib/storage.js';
import './styles/tokens.css';
import './styles/base.css';

const target = document.querySelector('#page');
if (target === null) throw new Error('index.html has no element #page.');

const values = browserValues(() => window.localStorage);
const settings = new Settings(values, navigator.languages);
const page = new Page({
  client: createClient(
    createRequests(
      (...request) => fetch(...request),
      () => settings.key,
    ),
  ),
  settings,
  router: new Router(window),
  values,
  newSession: () => newSessionName(new Date(), (bytes) => crypto.getRandomValues(bytes)),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});
mount(App, { target, props: { page } });
