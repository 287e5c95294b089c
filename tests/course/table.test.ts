import { describe, expect, it } from '@jest/globals';
import { decodeUtf8, readTable } from '../../src/course/table.ts';

const read = (text: string, most = 10) => {
  const table = readTable(text, most);
  if ('code' in table) return table;
  const { columns, rows, findings } = table;
  return { columns, findings, rows: rows.map((row) => [row.line, ...columns.map((name) => row.cell(name))]) };
};

describe('A file that is no table', () => {
  it.each([
    ['is empty', '  \r\n', 'csv_empty', {}],
    ['has only a heading', 'id,track\n', 'csv_empty', {}],
    ['names a column twice', 'id,track,ID\n1,2,3', 'csv_column_twice', { column: 3 }],
    ['has more lines than are taken', `id\n${'1\n'.repeat(11)}`, 'csv_too_long', { most: 10 }],
    [
      'has more columns than anybody fills',
      `${Array.from({ length: 101 }, (_, at) => `c${at}`).join()}\n1`,
      'csv_wide',
      { most: 100 },
    ],
    ['never closes a quotation mark', 'id,name\n1,Ada\n2,"Bola\n3,Chidi', 'csv_quote', { line: 3 }],
    ['closes one in another line', 'id,name\n1,"Ada\n2,"Bola"\n', 'csv_quote', { line: 2 }],
    ['has text beside one', 'id,name\n1,"Ada" Obi\n', 'csv_quote', { line: 2 }],
    ['has one in the middle of a word', 'id,name\n\n1,Ad"a\n', 'csv_quote', { line: 2 }],
  ])('because it %s is refused with its line', (_what, text, code, params) => {
    expect(read(text)).toEqual({ code, params });
  });

  it.each([
    ['Latin-1', Uint8Array.of(0x4e, 0xe9, 0x65)],
    ['UTF-16 with its mark', Uint8Array.of(0xff, 0xfe, 0x41, 0x00)],
    ['UTF-16 without its mark', Uint8Array.of(0x41, 0x00, 0x42, 0x00)],
  ])('is told from UTF-8: %s', (_what, bytes) => {
    expect(decodeUtf8(bytes)).toBeNull();
  });
});

describe('A table', () => {
  it.each([
    ['commas', 'ID,Can lead\r\n7,1\r\n'],
    ['semicolons', 'id;can_lead\n7;1'],
    ['tabs, a byte order mark and old line ends', '\ufeffid\tcan lead\r7\t1\r'],
  ])('is read with %s', (_what, text) => {
    expect(read(text)).toEqual({ columns: ['id', 'can_lead'], findings: [], rows: [[2, '7', '1']] });
  });

  it('keeps the lines of the file in spite of blank ones and quoted line ends', () => {
    const { rows } = read('id,name\n1,"a\nb"\n\n,\n2, c \n') as { rows: unknown };
    expect(rows).toEqual([
      [2, '1', 'a\nb'],
      [6, '2', 'c'],
    ]);
  });

  it('leaves out and names a row with more cells than columns, and fills short ones', () => {
    expect(read('id,name,track\n1,Obi, Ada,DevOps\n2\n3,c,d,,\n')).toMatchObject({
      findings: [{ line: 2, code: 'csv_cells', value: 'DevOps' }],
      rows: [
        [3, '2', '', ''],
        [4, '3', 'c', 'd'],
      ],
    });
  });

  it('takes back the apostrophe that keeps spreadsheets from computing', () => {
    expect(read("id\n'=1+1\n'-7\n'tis\n")).toMatchObject({
      rows: [
        [2, '=1+1'],
        [3, '-7'],
        [4, "'tis"],
      ],
    });
  });
});
