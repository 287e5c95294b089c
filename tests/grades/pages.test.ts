import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { textOf } from '../support/http.ts';
import { openVisits, type Visits } from './support/visits.ts';

let course: Visits;
beforeAll(async () => {
  course = await openVisits();
});
afterAll(() => course.close());

describe('before a meetup was held', () => {
  it('a fellow reads that there is no score yet, and what begins it', async () => {
    const home = textOf((await course.fellow.get('/group')).html);
    expect(home).toContain('Your participation No meetup has been held in your time in the group yet.');
    const { status, html } = await course.fellow.get('/me/participation');
    expect(status).toBe(200);
    expect(textOf(html)).toContain('nothing goes to the gradebook');
  });

  it('staff read that there is nothing to post, and are offered no button', async () => {
    const { html } = await course.manager.get('/grades/post');
    expect(textOf(html)).toContain('There is nothing to post');
    expect(html).not.toContain('<button class="btn main"');
    const grades = await course.manager.get('/grades');
    expect(textOf(grades.html)).toContain('Nothing to post yet');
    expect(textOf(grades.html)).toContain('so nobody has a score. Post grades after the first one.');
    expect(grades.html).not.toContain('btn main');
    expect(textOf((await course.manager.get('/')).html)).toMatch(/Grades posted 0/);
  });

  it('there is no posting to look at', async () => {
    expect((await course.manager.get('/grades/posting')).url).toMatch(/\/grades$/);
  });
});

describe('refusals', () => {
  it("a fellow opens neither the grades nor another fellow's receipt", async () => {
    expect((await course.fellow.get('/grades')).status).toBe(403);
    expect((await course.fellow.get(`/grades/people/${course.idOf(1)}`)).status).toBe(403);
  });
  it('a mentor sees the grades and posts none', async () => {
    const mentor = await course.visit('mentor');
    const { status, html } = await mentor.get('/grades');
    expect(status).toBe(200);
    expect(html).not.toContain('Post grades');
    expect((await mentor.get('/grades/post')).status).toBe(403);
    expect((await mentor.get(`/grades/people/${course.idOf(1)}`)).status).toBe(200);
  });
  it('nobody finds the receipt of a person who was never here', async () => {
    expect((await course.manager.get('/grades/people/nobody')).status).toBe(404);
  });
});

describe('from the roll to the gradebook', () => {
  beforeAll(async () => {
    await course.meet(15, 'Kick-off', { 0: 'missed', 1: 'excused' });
    await course.meet(8, 'Second week', { 2: 'missed' });
  });

  it('a fellow sees the score on the group page, and every point with its event', async () => {
    const home = textOf((await course.fellow.get('/group')).html);
    expect(home).toContain('50 of 100');
    expect(home).toContain('You came to 1 of 2 meetups.');
    const { html } = await course.fellow.get('/me/participation');
    const text = textOf(html);
    expect(text).toContain('100 × 1 ÷ 2 = 50');
    expect(text).toMatch(/Second week .* present \+50/);
    expect(text).toMatch(/Kick-off .* absent \+0/);
    expect(html).toMatch(/<a href="[^"]*\/groups\/g\/[^"]+\/meetups">Kick-off<\/a>/);
  });

  it('staff see the same receipt, and that an excuse does not count', async () => {
    const text = textOf((await course.manager.get(`/grades/people/${course.idOf(1)}`)).html);
    expect(text).toContain('Participation of Fellow 1');
    expect(text).toMatch(/Kick-off .* excused does not count/);
    expect(text).toContain('100 × 1 ÷ 1 = 100');
  });

  it('Post grades says first how many, then posts, then says what became of them', async () => {
    const confirm = await course.manager.get('/grades/post');
    expect(textOf(confirm.html)).toContain('6 scores go to the LMS');
    const running = await course.manager.submit(confirm, '/grades/post');
    expect(textOf(running.html)).toContain('Posting grades');
    expect(running.html).toMatch(/http-equiv="refresh"/);
    await course.goOn();
    const done = await course.manager.get('/grades/posting');
    expect(textOf(done.html)).toMatch(
      /Posting is done The grades of 6 fellows were looked at\. Finished [^.]+\. Posted 6 Unchanged 0 Held 0 Refused 0/,
    );
    expect(done.html).not.toMatch(/http-equiv="refresh"/);
    for (const [index, grade] of [50, 100, 50, 100, 100, 100].entries())
      expect(await course.house.lms.gradeOf('course', `f${index}`)).toBe(grade);
    expect(textOf((await course.manager.get('/')).html)).toMatch(/Grades posted 6/);
    expect(textOf((await course.fellow.get('/me/participation')).html)).toContain('has posted 50 of 100');
    expect(await course.audit('post_grades')).toHaveLength(1);
  });

  it('offers a look for grades that staff changed, where no score has changed', async () => {
    const text = textOf((await course.manager.get('/grades/post')).html);
    expect(text).toContain(
      'No score has changed. Whether staff changed a grade in the LMS is looked at again.',
    );
    expect(text).toContain('Unchanged, looked at but not posted again 6');
  });

  it('finds a fellow by name', async () => {
    const list = await course.manager.get('/grades');
    const found = await course.manager.submit(list, '/grades/find', { q: 'fellow 3' });
    expect(found.url).toMatch(/\/grades\/find$/);
    const text = textOf(found.html);
    expect(text).toContain('Fellow 3');
    expect(text).not.toContain('Fellow 4');
    const none = await course.manager.submit(list, '/grades/find', { q: 'zzz' });
    expect(textOf(none.html)).toContain('No fellow of that name.');
  });
});

describe('a course whose LMS offers no gradebook', () => {
  it('says so, and what to do', async () => {
    await course.house.lms.addCourse('bare');
    await course.house.lms.addPerson('bare', { id: 'manager', name: 'Mo Manager', role: 'instructor' });
    course.house.lms.behaviour.spoil = (claims) => {
      delete claims['https://purl.imsglobal.org/spec/lti-ags/claim/endpoint'];
    };
    const here = await course.visit('manager', 'bare');
    course.house.lms.behaviour.spoil = null;
    const { status, html } = await here.get('/grades');
    expect(status).toBe(200);
    expect(textOf(html)).toContain('switch on Assignment and Grade Services');
    expect(html).not.toContain('Post grades');
    expect((await here.get('/grades/post')).status).toBe(200);
  });
});

it('its pages hold no inline style or script, and no word without its translation', async () => {
  for (const target of [
    '/grades',
    '/grades?show=posted',
    '/grades/post',
    '/grades/posting',
    `/grades/people/${course.idOf(0)}`,
  ]) {
    const { status, html } = await course.manager.get(target);
    expect([target, status]).toEqual([target, 200]);
    expect(html).not.toMatch(/ style=| onclick=|<script>/);
    expect(textOf(html)).not.toMatch(/\b(grades|group|web|course):?\.?[a-z]+\.[a-z_]+/);
    expect(html.match(/class="btn main"/g)?.length ?? 0).toBeLessThanOrEqual(1);
  }
});
