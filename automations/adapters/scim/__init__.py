"""People and groups of an identity provider over SCIM 2.0 (RFC 7643, 7644; cursors: RFC 9865). Only read.

Measured against scim2-server 0.8.3. The bodies of Okta and Entra ID were written after their public documentation
(Okta: "SCIM 2.0 Protocol Reference"; Microsoft: "Microsoft Entra ID SCIM API reference"); neither was met in life.

Who is in which group is asked of /Groups, since `User.groups` is often never filled. A member nobody knows is left out:
providers keep the ids of deleted users in their groups, and somebody created between the two lists is seen next time.
Groups within groups count for everybody below. Where several groups have one name, each is told as `name [id]`, so that
a rule for the plain name matches none of them rather than the wrong one.

Entra ID lists its groups without their members. A provider none of whose groups shows a member is therefore asked for
each group by filter, after a question whose right answer is nobody has shown that it does not ignore filters.

Not checked: providers that answer an unknown filter with 501 instead of 400; providers that begin a page elsewhere than
at the `startIndex` asked for, whose lists are an error here; `totalResults` of Entra ID over several pages of a cursor,
of which only as many as arrived at most is taken for true. A whole list with neither a total nor a cursor is an error.
"""
