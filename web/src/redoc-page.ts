// The API's description to read, by Redoc. Its search would start a worker from memory, so it is off.
import './styles/docs.css';
import { load } from './load';

declare const Redoc: { init(url: string, options: object, element: HTMLElement | null): void };

await load(vendored.redoc);
Redoc.init('/openapi.json', { disableSearch: true, hideLoading: true }, document.getElementById('redoc'));

export {};
