// Everybody can use it: axe on each view in light, dark and on a phone; keyboard; themes; and it is light to load.
import { expect, expectAccessible, find, open, test, url } from './studio';

const kShows = [
  { name: 'light', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light' },
] as const;

for (const { name, ...use } of kShows) {
  test.describe(name, () => {
    test.use(use);

    test('axe finds nothing wrong, and nothing is wider than the screen', async ({ page }) => {
      await find(page, 'fresh rose, not sweet', 2);
      await page.getByRole('checkbox', { name: /^Compare/ }).nth(0).check();
      await page.getByRole('checkbox', { name: /^Compare/ }).nth(1).check();
      await expectAccessible(page);
      await open(page);
      for (const tab of ['Smell', 'In space', 'Neighbours', 'Making', 'Safety', 'Keep a part', 'Figures']) {
        await page.getByRole('tab', { name: tab }).click();
        await expect(page.locator('.tab-panel .waiting')).toHaveCount(0);
        await expectAccessible(page);
      }
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Compare 2' }).click();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'Design' }).click();
      await page.getByLabel('Top', { exact: true }).fill('lemon');
      await page.getByRole('button', { name: 'Design it' }).click();
      await expect(page.getByRole('region', { name: 'Formula' })).toBeVisible({ timeout: 45_000 });
      await expectAccessible(page);
      await page.getByRole('link', { name: 'Batch' }).click();
      await page.getByLabel(/One brief a line/).fill('clean linen\nsmoked tea');
      await page.getByRole('button', { name: 'Work through 2 briefs' }).click();
      await expect(page.getByText('2 of 2 briefs')).toBeVisible();
      await expectAccessible(page);
      await page.getByRole('link', { name: 'Operations' }).click();
      await expect(page.getByText(/in \d+ answers?/)).toBeVisible();
      await expectAccessible(page);
    });
  });
}

test('the theme follows the system until one is chosen, which is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(url());
  const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
  await expect.poll(theme).toBe('dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(theme).toBe('light');
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect.poll(theme).toBe('dark');
  await page.reload();
  await expect.poll(theme).toBe('dark');
});

test('a brief is answered without a mouse', async ({ page }) => {
  await page.goto(url());
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'To the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Your brief')).toBeFocused();
  await page.keyboard.type('cedar');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('article')).toHaveCount(6);
});

test('the page is light: at most 300 kB and 10 requests before the 3D viewer, soon ready, and kept by the browser', async ({ page }) => {
  let bytes = 0;
  const kinds: string[] = [];
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  page.on('request', (request) => kinds.push(request.url()));
  await page.goto(url(), { waitUntil: 'networkidle' });
  expect(bytes).toBeLessThan(300 * 1024);
  expect(kinds.length, kinds.join('\n')).toBeLessThanOrEqual(10);
  const ready = await page.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).domContentLoadedEventEnd);
  expect(ready).toBeLessThan(5000);
  test.info().annotations.push({ type: 'figures', description: `${bytes} bytes, ${kinds.length} requests, interactive after ${Math.round(ready)} ms` });
  console.log(`  before the 3D viewer: ${bytes} bytes in ${kinds.length} requests, interactive after ${Math.round(ready)} ms`);
  const script = kinds.find((asked) => asked.endsWith('.js'))!;
  const answer = await page.request.get(script);
  expect(answer.headers()['cache-control']).toContain('immutable');
  const index = await page.request.get(url());
  expect(index.headers()['content-security-policy']).toContain("default-src 'none'");
  const again = await page.request.get(url(), { headers: { 'If-None-Match': index.headers()['etag']! } });
  expect(again.status()).toBe(304);
});
