package store

import (
	"context"
	"fmt"
)

// Locator is implemented by stores whose items lie where a person can look.
type Locator interface {
	// Locate returns where the item under key lies: a path, or a location and the key. It carries no password. Where
	// nothing lies under key, ErrNotFound.
	Locate(ctx context.Context, key string) (string, error)
}

// Locate returns where the item under key lies, for a person to read. A store that is no Locator is named by its type.
// Where nothing lies under key, ErrNotFound.
func Locate(ctx context.Context, st Store, key string) (string, error) {
	if l, ok := st.(Locator); ok {
		return l.Locate(ctx, key)
	}
	if _, err := st.Get(ctx, key); err != nil {
		return "", err
	}
	return fmt.Sprintf("key %s in a %T", key, st), nil
}
