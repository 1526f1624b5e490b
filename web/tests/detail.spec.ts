// One molecule, opened.
import { expect, expectAccessible, find, open, test, url } from './studio';

test('shows the smell, and which atoms speak for it', async ({ page }) => {
  await find(page, 'smoky leather');
  await open(page);
  const dialog = page.getByRole('dialog');
  const bars = dialog.getByRole('list', { name: 'Most probable descriptors' }).getByRole('button');
  await expect(bars).toHaveCount(12);
  const first = page.locator('.attribution .structure svg');
  await expect(first).toBeVisible();
  const before = await first.innerHTML();
  await bars.nth(5).click();
  await expect(bars.nth(5)).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => first.innerHTML()).not.toBe(before);
});

test('shows it in space, loading the viewer only then', async ({ page }) => {
  await page.setViewportSize({ width: 700, height: 600 }); // drawn without a graphics card
  const viewer: string[] = [];
  page.on('request', (request) => request.url().includes('3dmol') && viewer.push(request.url()));
  await find(page, 'pine forest');
  await open(page);
  expect(viewer).toEqual([]);
  await page.getByRole('tab', { name: 'In space' }).click();
  await expect(page.locator('.space')).toHaveAttribute('data-state', 'ready');
  expect(viewer).toHaveLength(1);
  const view = page.getByRole('application');
  const before = await view.screenshot();
  await view.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect((await view.screenshot()).equals(before)).toBe(false);
  await page.getByRole('button', { name: 'spheres' }).click();
  await expect(page.getByRole('button', { name: 'spheres' })).toHaveAttribute('aria-pressed', 'true');
});

test('names the nearest materials, plans routes, and gives the evidence on safety and the figures', async ({ page }) => {
  await find(page, 'ripe banana, fruity');
  await open(page);
  const dialog = page.getByRole('dialog');
  await page.getByRole('tab', { name: 'Neighbours' }).click();
  await expect(dialog.locator('.neighbours li')).toHaveCount(8);
  await page.getByRole('tab', { name: 'Making' }).click();
  await expect(dialog.locator('.route, .tab-panel .hint').first()).toBeVisible();
  await page.getByRole('tab', { name: 'Safety' }).click();
  await expect(dialog.getByText('Twelve toxicity assays (predicted)')).toBeVisible();
  await expect(dialog.getByRole('row', { name: /^IFRA/ })).toBeVisible();
  await page.getByRole('tab', { name: 'Figures' }).click();
  await expect(dialog.getByRole('row', { name: /^InChIKey [A-Z-]{27}$/ })).toBeVisible();
});

test('a route ends in what can be bought', async ({ page }) => {
  // Isoamyl acetate is made in one step, so there is always a tree to see.
  await page.route('**/routes?count=3', (route) => route.continue({ url: url('/v1/molecules/CC(=O)OCCC(C)C/routes?count=3') }));
  await find(page, 'ripe banana, fruity');
  await open(page);
  await page.getByRole('tab', { name: 'Making' }).click();
  await expect(page.getByText('Fischer esterification').first()).toBeVisible();
  await expect(page.locator('.substance.buyable', { hasText: 'acetic acid' }).first()).toBeVisible();
});

test('is worked with the keyboard alone, and gives the focus back', async ({ page }) => {
  await find(page, 'jasmine');
  await page.getByRole('article').first().getByRole('heading').getByRole('button').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('tab', { name: 'Smell' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('tab', { name: 'Figures' })).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'In space' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('article').first().getByRole('heading').getByRole('button')).toBeFocused();
});

test('has a page of its own', async ({ page }) => {
  await page.goto(url('/molecules/CC(C)%3DCCCC(C)(O)C%3DC/visualize'));
  await expect(page.locator('.space')).toHaveAttribute('data-state', 'ready');
  await expect(page.getByText('CC(C)=CCCC(C)(O)C=C')).toBeVisible();
  await expectAccessible(page);
});

test('a molecule that has no shape says why', async ({ page, allowed }) => {
  allowed.complaints.push(/422/);
  await page.goto(url(`/molecules/${'C'.repeat(120)}/visualize`));
  await expect(page.getByRole('alert')).toContainText('at most 80 heavy atoms');
});
