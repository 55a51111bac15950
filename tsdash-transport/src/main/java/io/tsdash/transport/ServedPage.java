package io.tsdash.transport;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tsdash.distribution.Permissions;
import io.tsdash.distribution.WireCode;

/**
 * A page and who may see it.
 *
 * @param page makes it
 * @param permission what a client needs where clients are asked who they are; empty where everyone may see it
 */
record ServedPage(Page page, String permission) {

    boolean isOpen() {
        return permission.isEmpty();
    }

    /** @throws ProblemException if the page is not permitted */
    void check(Permissions permissions) {
        if (!permissions.cover(permission)) {
            throw new ProblemException(
                    HttpResponseStatus.FORBIDDEN,
                    WireCode.FORBIDDEN,
                    "the page needs the permission '" + permission + "' but there are: " + permissions);
        }
    }

    Answer answer(String accept, Wishes wishes) {
        Page.Content content = page.content(accept);
        return new Representation(new Answer(HttpResponseStatus.OK, content.type(), content.body())).as(wishes);
    }
}
