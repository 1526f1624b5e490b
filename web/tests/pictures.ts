// The pictures of docs/studio, taken anew by `npm run pictures`.
import { fileURLToPath } from 'node:url';
import { expect, find, kOptions, open, test, url } from './studio';

const at = (name: string): string => fileURLToPath(new URL(`../../docs/studio/${name}.png`, import.meta.url));

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1280, height: 860 } });

    test('compose and a molecule', async ({ page }) => {
      await find(page, 'fresh rose in the morning, not sweet, a hint of lemon', 6);
      await page.getByText(kOptions).click();
      await page.evaluate(() => scrollTo(0, 0));
      await expect(page.locator('.nearby li')).toHaveCount(4);
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: at(`compose-${colorScheme}`) });
      await open(page);
      await expect(page.locator('.attribution svg')).toBeVisible();
      await page.screenshot({ path: at(`smell-${colorScheme}`) });
      if (colorScheme === 'dark') return;
      await page.getByRole('tab', { name: 'In space' }).click();
      await expect(page.locator('.space')).toHaveAttribute('data-state', 'ready');
      await page.screenshot({ path: at('space-light') });
      await page.getByRole('tab', { name: 'Making' }).click();
      await expect(page.locator('.route svg').first()).toBeVisible();
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: at('making-light') });
      await page.keyboard.press('Escape');
      await page.getByRole('checkbox', { name: /^Compare/ }).nth(0).check();
      await page.getByRole('checkbox', { name: /^Compare/ }).nth(1).check();
      await page.getByRole('button', { name: 'Compare 2' }).click();
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: at('compare-light') });
    });

    test('a design', async ({ page }) => {
      await page.goto(url('/#/design'));
      await page.getByLabel('Top', { exact: true }).fill('lemon, pink pepper');
      await page.getByLabel('Heart', { exact: true }).fill('rose, tea');
      await page.getByLabel('Base', { exact: true }).fill('sandalwood, musk');
      await page.getByRole('button', { name: 'Design it' }).click();
      await expect(page.getByRole('region', { name: 'Formula' })).toBeVisible({ timeout: 45_000 });
      await page.waitForLoadState('networkidle');
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: at(`design-${colorScheme}`) });
    });
  });
}

test.describe('phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('a brief, its molecules, and one of them', async ({ page }) => {
    await find(page, 'green mango and sea breeze, not sweet', 3);
    await page.getByText(kOptions).click();
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: at('phone-brief') });
    await page.getByRole('article').first().scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector('.results')!.scrollIntoView());
    await page.screenshot({ path: at('phone-molecules') });
    await open(page);
    await expect(page.locator('.attribution svg')).toBeVisible();
    await page.screenshot({ path: at('phone-molecule') });
  });
});

test('batch and operations', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.goto(url('/#/batch'));
  await page.getByLabel(/One brief a line/).fill('dewy rose\nsmoked tea, a little honey\nclean linen');
  await page.getByRole('button', { name: 'Work through 3 briefs' }).click();
  await expect(page.getByText('3 of 3 briefs')).toBeVisible();
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: at('batch-light') });
  await page.getByRole('link', { name: 'Operations' }).click();
  await page.request.post(url('/v1/generate'), { data: { brief: 'amber', count: 20 } });
  await expect(page.locator('.plot polyline').first()).toHaveAttribute('points', /(\S+ ){8}/);
  await page.screenshot({ path: at('operations-light') });
});
