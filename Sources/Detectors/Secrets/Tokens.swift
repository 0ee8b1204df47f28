internal import Moderation

extension Recognizer {
    /// Tokens of GitHub: personal, OAuth, of users and servers of apps, refresh, and fine-grained.
    static let githubToken = Recognizer(
        SecretKind.githubToken.rawValue,
        holdBackBytes: 96,
        literals: ["gh", "github_pat_"],
        pattern: #"(?<! [A-Za-z0-9] ) (?: gh[opsur]_[A-Za-z0-9]{36,}+ | github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59,}+ )"#
    )

    /// Tokens of GitLab: personal, project and group, deploy, runner, trigger, feed, mail, agent, SCIM, feature flags, OAuth.
    static let gitlabToken = Recognizer(
        SecretKind.gitlabToken.rawValue,
        holdBackBytes: 48,
        literals: ["gl", "GR1348941"],
        pattern: #"""
            (?<! [A-Za-z0-9] )
            (?:
                (?: glpat | gldt | glrt | glrtr | glcbt | glptt | glft | glimt | glagent | glsoat | glffct )
                - [\w\-]{20,}+ (?: \. [a-z0-9]{2} \. [a-z0-9]{9} )?
            |   gloas-[a-f0-9]{64}
            |   GR1348941[\w\-]{20,}+
            )
            """#
    )

    /// Tokens of Slack: bot, user, app, legacy, refresh and configuration, and addresses of incoming webhooks.
    static let slackToken = Recognizer(
        SecretKind.slackToken.rawValue,
        holdBackBytes: 96,
        pattern: #"""
            (?<! [A-Za-z0-9] )
            (?:
                xox[abopsr]-[0-9A-Za-z]{8,}+ (?: -[0-9A-Za-z]++ )*+
            |   xoxe(?:\.xox[bp])?-[0-9]-[0-9A-Za-z]{20,}+
            |   xapp-[0-9]-[A-Z0-9]{8,20}-[0-9]{8,20}-[a-f0-9]{20,}+
            |   https://hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{6,20}/[A-Z0-9]{6,20}/[A-Za-z0-9]{16,}+
            )
            """#
    )

    /// JSON web tokens (RFC 7519): header and payload, each beginning with an encoded `{"`, and the signature if it is there.
    static let jwt = Recognizer(
        SecretKind.jwt.rawValue,
        holdBackBytes: 1088,
        literals: ["eyJ"],
        pattern: #"(?<! [\w\-] ) eyJ[\w\-]{10,1024}+ \. eyJ[\w\-]{8,}+ (?: \. [\w\-]*+ )?"#
    )
}
