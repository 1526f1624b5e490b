// What the tests share: a page that may not complain, and may not ask anybody but its own server.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test as base, type Page } from '@playwright/test';

export { expect };

export const test = base.extend<{ allowed: { complaints: RegExp[] }; watched: void }>({
  // A test that provokes an answer such as 422 says here which complaint of the browser it expects.
  allowed: async ({}, use) => use({ complaints: [] }),
  watched: [
    async ({ page, allowed }, use) => {
      const wrong: string[] = [];
      page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !allowed.complaints.some((known) => known.test(message.text()))) wrong.push(`console: ${message.text()}`);
      });
      page.on('request', (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith('http') && origin !== process.env.STUDIO_URL) wrong.push(`asked elsewhere: ${request.url()}`);
      });
      await use();
      expect(wrong, 'the page complained').toEqual([]);
    },
    { auto: true },
  ],
});

export const url = (path = '/'): string => process.env.STUDIO_URL + path;

// What the folded options say of themselves.
export const kOptions = /molecules?, 80–320/;

// Finds molecules for a brief and waits for all of them.
export async function find(page: Page, brief: string, count = 3): Promise<void> {
  await page.goto(url());
  await page.getByText(kOptions).click();
  await page.getByLabel('Molecules', { exact: true }).fill(String(count));
  await page.getByLabel('Your brief').fill(brief);
  await page.getByRole('button', { name: 'Find molecules' }).click();
  await expect(page.getByRole('article')).toHaveCount(count);
  await expect(page.getByRole('group', { name: 'Export' })).toBeVisible();
}

export async function open(page: Page, place = 0): Promise<void> {
  await page.getByRole('article').nth(place).getByRole('heading').getByRole('button').click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Every rule of axe for WCAG 2.2 A and AA and for good practice (the page's policy does not bind the test), and nothing wider
// than the screen.
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(`${axe}; undefined`);
  const violations = await page.evaluate(async () => {
    // What lies behind an open dialog cannot be reached, and has had its turn.
    const { violations } = await (window as any).axe.run(document.querySelector('dialog[open]') ?? document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map((v: any) => `${v.id}: ${v.help}: ${v.nodes.map((n: any) => `${n.target} (${n.failureSummary.split('\n')[1]?.trim()})`).slice(0, 4).join('; ')}`);
  });
  expect(violations).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 'wider than the screen').toBeLessThanOrEqual(0);
}
