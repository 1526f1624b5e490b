// Design, batch and operations.
import { readFileSync } from 'node:fs';
import { expect, find, test, url } from './studio';

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
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  expect(readFileSync((await (await download).path())!, 'utf8')).toContain('parts_per_thousand');
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
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV', exact: true }).click();
  expect(readFileSync((await (await download).path())!, 'utf8').trim().split('\r\n')).toHaveLength(4);
});

test('says what is wrong with a batch', async ({ page }) => {
  await page.goto(url('/#/batch'));
  await page.getByRole('button', { name: 'Work through them' }).click();
  await expect(page.getByRole('alert')).toContainText('There is no brief yet');
  await page.getByLabel(/One brief a line/).fill(Array(51).fill('rose').join('\n'));
  await page.getByRole('button', { name: 'Work through 51 briefs' }).click();
  await expect(page.getByRole('alert')).toContainText('at most 50');
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
