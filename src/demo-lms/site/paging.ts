import type { Request } from 'express';
import { fieldOf } from './visits.ts';

export const ROWS = 50;
/** As people sort names: without minding case and accents. */
export const BY_NAME = { locale: 'en', strength: 1 } as const;

/** A list cut into pages, as templates show it. */
export type Paging = {
  readonly search: string;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** The address of another page of the same search. */
  readonly to: (page: number) => string;
};

/** What of a list is asked for; pages count from 1. */
export function wishedPage(req: Request): { search: string; page: number } {
  const page = Number(fieldOf(req, 'page'));
  return { search: fieldOf(req, 'q', 60), page: Number.isInteger(page) && page > 0 ? page : 1 };
}

export function pagingOf(path: string, wish: { search: string; page: number }, total: number): Paging {
  const pages = Math.max(1, Math.ceil(total / ROWS));
  return {
    search: wish.search,
    total,
    pages,
    page: Math.min(wish.page, pages),
    to: (page) => addressOf(path, { search: wish.search, page }),
  };
}

/** The same place of a list again, after something in it was changed. */
export function addressOf(
  path: string,
  { search, page }: { search: string; page: number },
  more: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({
    ...(search === '' ? {} : { q: search }),
    ...(page > 1 ? { page: String(page) } : {}),
    ...more,
  }).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** Finds names that hold the text, whatever its case. */
export function nameFilter(search: string): { name?: { $regex: string; $options: 'i' } } {
  if (search === '') return {};
  return { name: { $regex: search.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), $options: 'i' } };
}
