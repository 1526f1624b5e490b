// A brief, and the molecules that answer it.
import { readFileSync } from 'node:fs';
import { expect, find, kOptions, open, test, url } from './studio';

test('understood notes light up as one types, and what is refused is struck through', async ({ page }) => {
  await page.goto(url());
  await page.getByLabel('Your brief').pressSequentially('dewy rose, not sweet');
  await expect(page.locator('.brief-mirror mark', { hasText: 'rose' })).toBeVisible();
  await expect(page.locator('.brief-mirror mark.refused', { hasText: 'sweet' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Understood as' }).getByText('rose', { exact: true })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Not wanted' }).getByText('sweet')).toBeVisible();
  await expect(page.getByRole('complementary', { name: 'Known materials near this brief' }).getByRole('listitem')).toHaveCount(4);
});

test('words that mean no smell are said not to be understood', async ({ page }) => {
  await page.goto(url());
  await page.getByLabel('Your brief').fill('zzxqy qwrtp');
  await expect(page.getByText(/nothing in the brief was understood/)).toBeVisible();
});

test('molecules come one by one, each with structure, radar, volatility, safety and making', async ({ page }) => {
  await page.goto(url());
  await page.evaluate(() => {
    const counts: number[] = [];
    (window as any).counts = counts;
    new MutationObserver(() => {
      const n = document.querySelectorAll('article').length;
      if (counts.at(-1) !== n) counts.push(n);
    }).observe(document.body, { childList: true, subtree: true });
  });
  await page.getByRole('button', { name: 'old library: leather, vanilla, dry wood' }).click();
  await page.getByRole('button', { name: 'Find molecules' }).click();
  await expect(page.getByRole('article')).toHaveCount(6);
  const counts: number[] = await page.evaluate(() => (window as any).counts);
  expect(counts.length, `cards appeared as ${counts}`).toBeGreaterThan(3);
  for (const card of await page.getByRole('article').all()) {
    await expect(card.getByRole('img', { name: /^Structure of/ }).locator('svg path').first()).toBeVisible();
    await expect(card.getByRole('img', { name: /^Smell\. predicted/ })).toBeVisible();
    await expect(card.getByRole('img', { name: /(top|heart|base) note/ })).toBeVisible();
    await expect(card.getByText('Safety', { exact: true })).toBeVisible();
    await expect(card.getByText('Making', { exact: true })).toBeVisible();
  }
  await expect(page.getByText(/6 molecules found/)).toBeAttached();
});

test('Ctrl+Enter asks, and a search can be stopped', async ({ page }) => {
  await page.goto(url());
  await page.getByLabel('Your brief').fill('amber and tobacco');
  await page.getByText(kOptions).click();
  await page.getByLabel('Molecules', { exact: true }).fill('100');
  // So few are found there that it would go on until its time is over.
  await page.getByLabel('Lightest, g/mol').fill('300');
  await page.getByLabel('Heaviest, g/mol').fill('303');
  await page.getByLabel('Your brief').press('Control+Enter');
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Stopped.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Find molecules' })).toBeEnabled();
});

test('what the server refuses is said next to the field', async ({ page, allowed }) => {
  allowed.complaints.push(/422/);
  await page.goto(url());
  await page.getByRole('button', { name: 'Find molecules' }).click();
  await expect(page.getByText('The brief is missing: say in words how it should smell.')).toBeVisible();
  await page.getByLabel('Your brief').fill('rose');
  await page.getByText(kOptions).click();
  await page.getByLabel('Lightest, g/mol').fill('300');
  await page.getByLabel('Heaviest, g/mol').fill('200');
  await page.locator('form').evaluate((form: HTMLFormElement) => form.requestSubmit());
  await expect(page.getByRole('region', { name: 'Answers' }).getByRole('alert')).toContainText(/molecular/i);
});

test('a lost server is said in words', async ({ page, allowed }) => {
  allowed.complaints.push(/ERR_FAILED/);
  await page.goto(url());
  await page.route('**/v1/**', (route) => route.abort());
  await page.getByLabel('Your brief').fill('rose');
  await page.getByRole('button', { name: 'Find molecules' }).click();
  await expect(page.getByText('The server cannot be reached. Is it still running?').first()).toBeVisible();
});

test('a key is asked for when the server wants one, sent with every request, and gone with the tab', async ({ page, allowed }) => {
  allowed.complaints.push(/401/);
  await page.route('**/v1/**', (route) =>
    route.request().headers()['authorization'] === 'Bearer secret-key'
      ? route.fallback()
      : route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{"detail":"an API key is needed","status":401}' }),
  );
  await page.goto(url());
  await page.getByLabel('Your brief').fill('rose');
  const dialog = page.getByRole('dialog', { name: 'API key' });
  await dialog.getByLabel('API key').fill('wrong');
  await dialog.getByRole('button', { name: 'Use it' }).click();
  await expect(dialog.getByText('The server did not take that key.')).toBeVisible();
  await dialog.getByLabel('API key').fill('secret-key');
  await dialog.getByRole('button', { name: 'Use it' }).click();
  await expect(page.getByRole('list', { name: 'Understood as' })).toContainText('rose');
  expect(await page.evaluate(() => [sessionStorage.getItem('odordiff-api-key'), localStorage.getItem('odordiff-api-key')])).toEqual(['secret-key', null]);
});

test('answers go out as CSV, as SDF and to the printer', async ({ page }) => {
  await find(page, 'green mango');
  const saved = async (name: string) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name, exact: true }).click();
    return readFileSync((await (await download).path())!, 'utf8');
  };
  const csv = (await saved('CSV')).trim().split('\r\n');
  expect(csv).toHaveLength(4);
  expect(csv[0]).toContain('rank,smiles,inchikey');
  const sdf = await saved('SDF');
  expect(sdf.match(/^\$\$\$\$$/gm)).toHaveLength(3);
  expect(sdf).toContain('> <smells_of>');
  await page.evaluate(() => ((window as any).print = () => ((window as any).printed = true)));
  await page.getByRole('button', { name: 'Print or PDF' }).click();
  expect(await page.evaluate(() => (window as any).printed)).toBe(true);
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('navigation')).toBeHidden();
  await expect(page.getByRole('article').first()).toBeVisible();
  expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
});

test('molecules are compared side by side', async ({ page }) => {
  await find(page, 'clean linen, a little musk');
  await page.getByRole('checkbox', { name: /^Compare/ }).nth(0).check();
  await expect(page.getByRole('button', { name: 'Compare 1' })).toBeDisabled();
  await page.getByRole('checkbox', { name: /^Compare/ }).nth(1).check();
  await page.getByRole('button', { name: 'Compare 2' }).click();
  const dialog = page.getByRole('dialog', { name: 'Comparison' });
  await expect(dialog.getByRole('columnheader')).toHaveCount(2);
  await expect(dialog.getByRole('row', { name: /^Safety/ })).toBeVisible();
  await expect(dialog.getByRole('img', { name: /^Smells compared/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Take .* away$/ }).first().click();
  await expect(page.getByRole('button', { name: 'Compare 1' })).toBeDisabled();
});

test('variations of a molecule are like it', async ({ page }) => {
  await find(page, 'rose');
  await page.getByRole('button', { name: /^Vary/ }).first().click();
  await expect(page.getByText('Variations of this molecule')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Find variations' })).toBeFocused();
  const asked = page.waitForRequest((request) => request.url().endsWith('/v1/generate'));
  await page.getByRole('button', { name: 'Find variations' }).click();
  expect((await asked).postDataJSON().like).toBeTruthy();
  await expect(page.getByRole('article')).toHaveCount(3);
});

test('a part of a molecule can be kept, and every answer has it', async ({ page }) => {
  await find(page, 'sweet vanilla, creamy');
  await open(page);
  await page.getByRole('tab', { name: 'Keep a part' }).click();
  const part = page.getByRole('dialog').getByRole('button', { name: /^Keep / }).last();
  await part.click();
  await expect(page.getByText('This part stands')).toBeVisible();
  const asked = page.waitForRequest((request) => request.url().endsWith('/v1/generate'));
  await page.getByRole('button', { name: 'Find molecules' }).click();
  expect((await asked).postDataJSON().keep).toBeTruthy();
  await expect(page.getByRole('article').first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'Answers' })).toHaveAttribute('aria-busy', 'false');
  await page.getByRole('button', { name: 'Let go' }).click();
  await expect(page.getByText('This part stands')).toBeHidden();
});
