import type { Response } from 'express';
import type { Platform } from './platforms.ts';

/** Lets the platform's own pages, and nobody else's, frame the answer: its refusals as well as its pages. */
export function allowFrames(res: Response, platform: Pick<Platform, 'frameOrigins'>): void {
  res.locals['frameOrigins'] = platform.frameOrigins;
}

/** Lets forms of the answer go to this address's origin: a deep linking answer is posted by the browser. */
export function allowForms(res: Response, address: string): void {
  res.locals['formOrigins'] = [new URL(address).origin];
}

/** Lets forms of the answer end anywhere: a form that begins a login is redirected along the platform's own hosts. */
export function allowFormsAnywhere(res: Response, allowPrivateNetwork: boolean): void {
  res.locals['formOrigins'] = allowPrivateNetwork ? ['https:', 'http:'] : ['https:'];
}
