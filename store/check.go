package store

import "fmt"

// CheckKey returns nil for a key that a Store accepts, otherwise an error around ErrBadKey that says what is wrong.
// Drivers call it first in Get, Put and Delete. That no key is a folder of another is the caller's duty: a driver cannot
// see it cheaply, and one that cannot hold both answers an error.
func CheckKey(key string) error {
	if err := checkPath(key); err != nil {
		return fmt.Errorf("%w: %s", ErrBadKey, err)
	}
	return nil
}

// CheckItem returns nil for an item that a Store accepts, otherwise an error around ErrBadItem that says what is wrong.
// Drivers call it in Put. It does not look at Value: how long that may be is for the driver's Limits to say.
func CheckItem(it Item) error {
	if len(it.Label) > MaxLabel {
		return fmt.Errorf("%w: label of %d bytes, at most %d", ErrBadItem, len(it.Label), MaxLabel)
	}
	if err := checkForm(it.Form); err != nil {
		return fmt.Errorf("%w: form %s", ErrBadItem, err)
	}
	if it.Group == "" {
		return nil
	}
	if err := checkPath(it.Group); err != nil {
		return fmt.Errorf("%w: group %s", ErrBadItem, err)
	}
	return nil
}

// checkPath holds the rule for keys and groups: parts of a-z 0-9 _ - with a slash between.
func checkPath(key string) error {
	if key == "" {
		return fmt.Errorf("is empty")
	}
	if len(key) > MaxKey {
		return fmt.Errorf("of %d bytes, at most %d", len(key), MaxKey)
	}
	last := byte('/')
	for i := range len(key) {
		c := key[i]
		if c == '/' && last == '/' {
			return fmt.Errorf("%q has an empty part", key)
		}
		if c != '/' && !plainByte(c) {
			return fmt.Errorf("%q has %q at byte %d; a-z 0-9 _ - and / are allowed", key, c, i)
		}
		last = c
	}
	if last == '/' {
		return fmt.Errorf("%q has an empty part", key)
	}
	return nil
}

// checkForm holds the rule for forms: empty, or parts of a-z 0-9 _ - with a dot between.
func checkForm(form string) error {
	if form == "" {
		return nil
	}
	if len(form) > MaxForm {
		return fmt.Errorf("of %d bytes, at most %d", len(form), MaxForm)
	}
	last := byte('.')
	for i := range len(form) {
		c := form[i]
		if c == '.' && last == '.' {
			return fmt.Errorf("%q has an empty part", form)
		}
		if c != '.' && !plainByte(c) {
			return fmt.Errorf("%q has %q at byte %d; a-z 0-9 _ - and dot are allowed", form, c, i)
		}
		last = c
	}
	if last == '.' {
		return fmt.Errorf("%q has an empty part", form)
	}
	return nil
}

func plainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
