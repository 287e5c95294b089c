import type { Response } from 'express';
import type { Platform } from './platforms.ts';

/** Lets the platform's own pages, and nobody else's, frame the answer: its refusals as well as its pages. */
export function allowFrames(res: Response, platform: Pick<Platform, 'frameOrigins'>): void {
  res.locals['frameOrigins'] = platform.frameOrigins;
}

/** Lets forms of the answer end anywhere: what begins a login or answers a platform is redirected along its own hosts. */
export function allowFormsAnywhere(res: Response, allowPrivateNetwork: boolean): void {
  res.locals['formOrigins'] = allowPrivateNetwork ? ['https:', 'http:'] : ['https:'];
}
