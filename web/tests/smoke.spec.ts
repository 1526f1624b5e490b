import { expect, test } from '@playwright/test';

test('the studio opens', async ({ page }) => {
  await page.goto(process.env.STUDIO_URL!);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('OdorDiff');
});
