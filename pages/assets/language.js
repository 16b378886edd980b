/* What the browser has to know of the page's language: for fonts, hyphens and readers' voices, and to
   ask for the same again next time. */
if (!window.slidescopeLanguage) {
  window.slidescopeLanguage = true;
  const YEAR_S = 365 * 24 * 3600;
  const look = () => {
    const language = document.querySelector(".slidescope-language")?.lang;
    if (!language || language === document.documentElement.lang) return;
    document.documentElement.lang = language;
    document.cookie = `slidescope_language=${language}; path=/; max-age=${YEAR_S}; SameSite=Lax`;
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
}
