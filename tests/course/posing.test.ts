import { expect, test } from '@jest/globals';
import { posesAsStaff } from '../../src/course/roster/posing.ts';

const STAFF = ['Ngozi Eze', 'Tómi Adébáyò'];

test.each([
  'Admin',
  'admin Ada',
  'ADMIN-Ada',
  'Community Manager',
  'community  manager 2',
  'Community_Manager',
  'Peer Lead Ada',
  'The Mentor',
  'Аdmin',
  'Adm1n',
  '@dmin',
  'a d m i n',
  'Ádmin',
  'ａｄｍｉｎ',
  'Peer Group Support',
  '3MTT',
  'Ngozi Eze',
  'ngozi eze',
  'Ngоzi Eze',
  'Tomi Adebayo',
])('%s could be taken for staff', (name) => {
  expect(posesAsStaff(name, STAFF)).toBe(true);
});

test.each(['Ada', 'Ngozi Obi', 'Adminola', 'Modupe', 'Mentoria', 'Ọlá', 'Learner 7', 'Ж', '李', 'Tomi'])(
  '%s is a name',
  (name) => {
    expect(posesAsStaff(name, STAFF)).toBe(false);
  },
);
