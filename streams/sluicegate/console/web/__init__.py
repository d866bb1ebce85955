"""Between browsers and pages: sessions, rights, security headers, templates."""
