// Design, batch and operations.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, find, test, url } from './studio';

// What an export button saves.
async function saved(page: Page, button: string): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  return readFileSync((await (await download).path())!, 'utf8');
}

test('designs a fragrance of three notes and shows how it evaporates', async ({ page }) => {
  await page.goto(url('/#/design'));
  await page.getByLabel('Top', { exact: true }).fill('lemon, pink pepper');
  await page.getByLabel('Heart', { exact: true }).fill('rose');
  await page.getByLabel('Base', { exact: true }).fill('sandalwood, musk');
  await expect(page.locator('.brief-mirror mark', { hasText: 'sandalwood' })).toBeVisible();
  await page.getByLabel('Goes into').selectOption('eau-de-toilette');
  await page.getByRole('button', { name: 'Design it' }).click();
  await expect(page.getByRole('heading', { name: /Eau de toilette/ })).toBeVisible({ timeout: 45_000 });
  await expect(page.getByRole('img', { name: /^What is smelled over/ })).toBeVisible();
  const rows = page.getByRole('region', { name: 'Formula' }).getByRole('row');
  expect(await rows.count()).toBeGreaterThan(4);
  for (const note of ['top', 'heart', 'base']) await expect(rows.filter({ hasText: note }).first()).toBeVisible();
  expect(await saved(page, 'CSV')).toContain('parts_per_thousand');
  await rows.nth(1).getByRole('button').click();
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('a design without a note is told so at the field', async ({ page, allowed }) => {
  allowed.complaints.push(/422/);
  await page.goto(url('/#/design'));
  await page.getByRole('button', { name: 'Design it' }).click();
  await expect(page.getByText(/This note is missing/)).toBeVisible();
});

test('works through a CSV of briefs with progress', async ({ page }) => {
  await page.goto(url('/#/batch'));
  const chooser = page.waitForEvent('filechooser');
  await page.getByText('Open a list or CSV').click();
  await (await chooser).setFiles({
    name: 'briefs.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('id,brief\r\n1,"dewy rose, ""green"""\r\n2,smoked tea\r\n3,clean linen\r\n'),
  });
  await expect(page.getByLabel(/One brief a line/)).toHaveValue('dewy rose, "green"\nsmoked tea\nclean linen');
  await page.getByLabel('Molecules for each').fill('1');
  await page.getByRole('button', { name: 'Work through 3 briefs' }).click();
  await expect(page.getByRole('progressbar', { name: 'Briefs done' })).toBeVisible();
  await expect(page.getByText('3 of 3 briefs')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'smoked tea' })).toBeVisible();
  const rows = (await saved(page, 'CSV')).trim().split('\r\n');
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatch(/^brief,rank,smiles,/);
  expect(rows[1]).toMatch(/^"dewy rose, ""green""",1,/);
  const records = (await saved(page, 'SDF')).split('$$$$\n');
  expect(records).toHaveLength(4); // the last is empty
  expect(records[1]).toContain('> <brief>\nsmoked tea\n');
  const { job, results } = JSON.parse(await saved(page, 'JSON'));
  expect(job.status).toBe('finished');
  expect(results.map(({ answer }: any) => answer.brief)).toEqual(['dewy rose, "green"', 'smoked tea', 'clean linen']);
});

// A page that is loaded anew knows nothing but its address.
test('a batch outlives its page', async ({ page }) => {
  await page.goto(url('/#/batch'));
  const briefs = ['dewy rose', 'smoked tea', 'clean linen', 'ripe pear', 'cold iron'];
  await page.getByLabel(/One brief a line/).fill(briefs.join('\n'));
  await page.getByRole('button', { name: 'Work through 5 briefs' }).click();
  await expect(page).toHaveURL(/#\/batch\/[0-9a-f]{32}$/);
  await page.reload();
  await expect(page.getByText('5 of 5 briefs')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('region', { name: 'Results' }).getByRole('heading')).toHaveText(briefs);
  await page.getByRole('link', { name: 'Compose' }).click();
  await page.getByRole('link', { name: 'Batch' }).click();
  await expect(page.getByText('5 of 5 briefs')).toBeVisible();
  await expect(page).toHaveURL(/#\/batch\/[0-9a-f]{32}$/);
});

test('a batch can be cancelled, and what it found stays', async ({ page }) => {
  await page.goto(url('/#/batch'));
  await page.getByLabel(/One brief a line/).fill(Array.from({ length: 200 }, (_, i) => `rose number ${i}`).join('\n'));
  await page.getByLabel('Molecules for each').fill('2');
  await page.getByRole('button', { name: 'Work through 200 briefs' }).click();
  const headings = page.getByRole('region', { name: 'Results' }).getByRole('heading');
  await expect(headings.first()).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText(/of 200 briefs.*cancelled/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
  const found = await headings.count();
  expect(found).toBeLessThan(200);
  expect(JSON.parse(await saved(page, 'JSON')).results).toHaveLength(found);
});

test('a batch that the server no longer keeps is told so', async ({ page, allowed }) => {
  allowed.complaints.push(/404/);
  await page.goto(url('/#/batch/0123456789abcdef0123456789abcdef'));
  await expect(page.getByRole('alert')).toContainText('keeps no such batch');
});

test('says what is wrong with a batch', async ({ page }) => {
  await page.goto(url('/#/batch'));
  await page.getByRole('button', { name: 'Work through them' }).click();
  await expect(page.getByRole('alert')).toContainText('There is no brief yet');
  await page.getByLabel(/One brief a line/).fill(Array(201).fill('rose').join('\n'));
  await page.getByRole('button', { name: 'Work through 201 briefs' }).click();
  await expect(page.getByRole('alert')).toContainText('at most 200');
  await page.locator('#file').setInputFiles({ name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.from('\n\n') });
  await expect(page.getByRole('alert').first()).toContainText('No brief was found in empty.txt');
});

test('operations show what the server measures, as it happens', async ({ page }) => {
  await find(page, 'lavender', 1);
  await page.getByRole('link', { name: 'Operations' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Operations');
  await expect(page.getByText(/in \d+ answers?/)).toBeVisible();
  const row = page.getByRole('row', { name: /POST \/v1\/generate/ });
  await expect(row).toContainText(/\d+ ms|\d s/);
  const stats = page.getByRole('row', { name: /GET \/stats/ }).getByRole('cell').first();
  const before = Number(await stats.textContent());
  await expect.poll(async () => Number(await stats.textContent())).toBeGreaterThan(before);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toHaveAttribute('aria-pressed', 'true');
});

test('what was found stays while one looks at another view', async ({ page }) => {
  await find(page, 'violet leaf', 2);
  await page.getByRole('link', { name: 'Batch' }).click();
  await expect(page.getByRole('main')).toBeFocused();
  await page.getByRole('link', { name: 'Compose' }).click();
  await expect(page.getByRole('article')).toHaveCount(2);
});

for (const [path, words] of [
  ['/docs', 'POST'],
  ['/redoc', 'Request samples'],
] as const) {
  test(`the API is described offline at ${path}`, async ({ page }) => {
    await page.goto(url(path));
    await expect(page.getByText('OdorDiff-2').first()).toBeVisible();
    await expect(page.getByText(words).first()).toBeVisible();
  });
}
