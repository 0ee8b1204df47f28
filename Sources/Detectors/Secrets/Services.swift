internal import Moderation

extension Recognizer {
    /// Keys of Anthropic: for the API, and for administrators.
    static let anthropicKey = Recognizer(
        SecretKind.anthropicKey.rawValue,
        holdBackBytes: 64,
        literals: ["sk-ant-"],
        pattern: #"(?<! [\w\-] ) sk-ant-(?:api|admin|oat|sid)[0-9]{2}-[\w\-]{32,}+"#
    )

    /// Keys of other services that answer with a model: Groq, OpenRouter, Replicate, xAI, Perplexity, Cerebras, Fireworks.
    static let aiServiceKey = Recognizer(
        SecretKind.aiServiceKey.rawValue,
        holdBackBytes: 96,
        literals: ["gsk_", "sk-or-", "r8_", "xai-", "pplx-", "csk-", "fw_"],
        pattern: #"""
            (?<! [\w\-] )
            (?:
                gsk_[A-Za-z0-9]{48,}+ | sk-or-v1-[a-f0-9]{64} | r8_[A-Za-z0-9]{37} | xai-[A-Za-z0-9]{64,}+
            |   pplx-[A-Za-z0-9]{40,}+ | csk-[a-z0-9]{48} | fw_[A-Za-z0-9]{22,24}
            )
            (?! [\w\-] )
            """#
    )

    /// Tokens of Hugging Face: of users and of organisations.
    static let huggingfaceToken = Recognizer(
        SecretKind.huggingfaceToken.rawValue,
        holdBackBytes: 48,
        literals: ["hf_", "api_org_"],
        pattern: #"(?<! [\w\-] ) (?: hf_ | api_org_ ) [A-Za-z0-9]{34} (?! [\w\-] )"#
    )

    /// Keys of Azure: of storage accounts, buses and hubs in connection strings, signatures that give access, client secrets,
    /// and keys that carry Azure's signature.
    static let azureKey = Recognizer(
        SecretKind.azureKey.rawValue,
        holdBackBytes: 112,
        literals: ["AccountKey", "SharedAccessKey", "sig=", "Q~", "JQQJ99", "AzCa", "+ASt", "AzSe", "AIoT"],
        pattern: #"""
                (?i: (?: Account | SharedAccess ) Key ) \x{20}? = \x{20}? \K [A-Za-z0-9+/]{43,86}= {1,2}
            |   (?<= [?&] sig= ) (?: [A-Za-z0-9] | %[0-9A-Fa-f]{2} | [+/] ){43,90}+ (?: =|%3[Dd] )?
            |   (?<! [\w.~\-] ) [A-Za-z0-9_~.]{3} [0-9] Q~ [A-Za-z0-9_~.\-]{31,34} (?! [\w.~\-] )
            |   (?<! [\w/+] ) [A-Za-z0-9]{52} JQQJ99 [A-Z0-9]{1}[A-Za-z0-9]{25} (?! [\w/+] )
            |   (?<! [\w/+] ) [A-Za-z0-9/+]{40,80} (?: AzCa | \+ASt | AzSe | AIoT ) [A-Za-z0-9/+]{5,6} = {0,2} (?! [\w/+=] )
            """#
    )

    /// What Google's OAuth gives out: access and refresh tokens, and secrets of clients.
    static let googleOAuth = Recognizer(
        SecretKind.googleOAuth.rawValue,
        holdBackBytes: 64,
        literals: ["ya29.", "GOCSPX-", "1//0"],
        pattern: #"(?<! [\w\-/] ) (?: ya29\.[\w\-]{30,}+ | GOCSPX-[\w\-]{28} (?! [\w\-] ) | 1//0[\w\-]{38,}+ )"#
    )

    /// Tokens of DigitalOcean: personal, of applications, and to refresh them.
    static let digitaloceanToken = Recognizer(
        SecretKind.digitaloceanToken.rawValue,
        holdBackBytes: 80,
        literals: ["_v1_"],
        pattern: #"(?<! \w ) do[opr]_v1_[a-f0-9]{64} (?! \w )"#
    )

    /// Tokens of HashiCorp: Vault's of services, batches and recovery, and Terraform Cloud's.
    static let vaultToken = Recognizer(
        SecretKind.vaultToken.rawValue,
        holdBackBytes: 96,
        literals: ["hvs.", "hvb.", "hvr.", ".atlasv1."],
        pattern: #"(?<! [\w.] ) (?: hv[sbr]\.[\w\-]{24,}+ | [A-Za-z0-9]{14}\.atlasv1\.[\w\-]{60,}+ )"#
    )

    /// Access tokens of npm.
    static let npmToken = Recognizer(
        SecretKind.npmToken.rawValue,
        holdBackBytes: 48,
        literals: ["npm_"],
        pattern: #"(?<! \w ) npm_[A-Za-z0-9]{36} (?! \w )"#
    )

    /// Tokens that upload to PyPI.
    static let pypiToken = Recognizer(
        SecretKind.pypiToken.rawValue,
        holdBackBytes: 96,
        literals: ["pypi-AgE"],
        pattern: #"(?<! [\w\-] ) pypi-AgE[A-Za-z0-9_\-]{50,}+"#
    )

    /// Keys of SendGrid.
    static let sendgridKey = Recognizer(
        SecretKind.sendgridKey.rawValue,
        holdBackBytes: 80,
        literals: ["SG."],
        pattern: #"(?<! [\w.] ) SG\.[\w\-]{20,24}\.[\w\-]{39,50} (?! [\w\-] )"#
    )

    /// Keys of Mailgun and Mailchimp.
    static let mailgunKey = Recognizer(
        SecretKind.mailgunKey.rawValue,
        holdBackBytes: 80,
        literals: ["key-", "-us"],
        pattern: #"""
            (?<! [\w\-] )
            (?: key-[0-9a-f]{32} (?! \w ) | (?= [a-f]*+ [0-9] ) [0-9a-f]{32}-(?: us[0-9]{1,2} | [0-9a-f]{8}-[0-9a-f]{8} ) (?! [\w\-] ) )
            """#
    )

    /// Keys of Twilio, and authentication tokens where they are named as such.
    static let twilioKey = Recognizer(
        SecretKind.twilioKey.rawValue,
        holdBackBytes: 96,
        pattern: #"""
                (?<! \w ) SK (?= [a-f]*+ [0-9] ) [0-9a-f]{32} (?! \w )
            |   (?i: twilio (?: _|\x{20}|- )? (?: account(?:_|\x{20}) )? auth (?: _|\x{20}|- )? token ) ["']? \x{20}{0,4} [=:] \x{20}{0,4} ["']? \K
                [0-9a-f]{32} (?! \w )
            """#
    )

    /// Tokens of Shopify: of private, custom and public apps, and their shared secrets.
    static let shopifyToken = Recognizer(
        SecretKind.shopifyToken.rawValue,
        holdBackBytes: 48,
        literals: ["shp"],
        pattern: #"(?<! \w ) shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32} (?! \w )"#
    )

    /// Tokens of Telegram's bots.
    static let telegramToken = Recognizer(
        SecretKind.telegramToken.rawValue,
        holdBackBytes: 64,
        literals: [":AA"],
        pattern: #"(?<! [0-9A-Za-z_:] ) (?: bot )? [0-9]{8,10}:AA[\w\-]{33} (?! [\w\-] )"#
    )

    /// Tokens of Discord's bots, and addresses of its webhooks.
    static let discordToken = Recognizer(
        SecretKind.discordToken.rawValue,
        holdBackBytes: 192,
        pattern: #"""
                (?<! [\w.\-] ) [MNO][A-Za-z0-9]{23,27} \. [\w\-]{6} \. [\w\-]{27,38} (?! [\w\-] )
            |   (?<! \w ) https://(?: (?:canary|ptb)\. )? discord (?:app)? \.com/api/ (?: v[0-9]{1,2}/ )? webhooks/[0-9]{17,20}/[\w\-]{60,}+
            """#
    )

    /// Tokens of many other services by their prefixes: Atlassian, Bitbucket, Databricks, Docker Hub, Doppler, Figma, Grafana,
    /// Linear, New Relic, Notion, PlanetScale, Postman, Pulumi, Sentry, Square, Supabase, age.
    static let serviceToken = Recognizer(
        SecretKind.serviceToken.rawValue,
        holdBackBytes: 128,
        pattern: #"""
            (?<! [\w\-] )
            (?:
                ATATT3[\w\-=]{64,}+ | ATBB[A-Za-z0-9]{28,32} | dapi[a-f0-9]{32}(?:-[0-9])? | dckr_(?:pat|oat)_[\w\-]{24,}+
            |   dp\.(?:pt|st|ct)\.[A-Za-z0-9.\-]{40,}+ | fig[douh]r?_[\w\-]{40,}+ | glsa_[A-Za-z0-9]{32}_[a-f0-9]{8} | glc_[A-Za-z0-9+/]{32,}+
            |   lin_(?:api|oauth)_[A-Za-z0-9]{40,}+ | NRAK-[A-Z0-9]{27} | (?: ntn_ | secret_ )[A-Za-z0-9]{43,50}
            |   pscale_(?:tkn|pw|oauth)_[\w\-.=]{32,}+ | PMAK-[a-f0-9]{24}-[a-f0-9]{34} | pul-[a-f0-9]{40} | sntrys_[\w+/=]{40,}+
            |   sntryu_[a-f0-9]{64} | sq0(?:atp|csp|idp)-[\w\-]{22,43} | EAAA[\w\-]{60} | sbp_[a-f0-9]{40}
            |   AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}
            )
            (?! \w )
            """#
    )
}
