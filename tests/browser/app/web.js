// A website on supertokens-web-js without a user interface: the tests call its functions through `window.app`.
import SuperTokens from "supertokens-web-js";
import EmailPassword from "supertokens-web-js/recipe/emailpassword";
import Passwordless from "supertokens-web-js/recipe/passwordless";
import EmailVerification from "supertokens-web-js/recipe/emailverification";
import Session from "supertokens-web-js/recipe/session";
import ThirdParty from "supertokens-web-js/recipe/thirdparty";

// Put on the window by the test before any script runs.
const config = window.appConfig;
const events = [];

// An SDK option: what a browser does whose tabs cannot see each other's lock.
const noLock = { lockFactory: async () => ({ acquireLock: async () => true, releaseLock: async () => {} }) };

SuperTokens.init({
    appInfo: { appName: "Acme", apiDomain: config.apiDomain, apiBasePath: "/auth" },
    recipeList: [
        EmailPassword.init(),
        Passwordless.init(),
        EmailVerification.init(),
        ThirdParty.init(),
        Session.init({
            tokenTransferMethod: config.tokenTransferMethod,
            onHandleEvent: (event) => events.push(event.action),
            ...(config.tabsLock === false ? noLock : {}),
        }),
    ],
});

// The SDK's answers without what JSON cannot carry; its own error class as the status it stands for.
async function answerOf(call) {
    try {
        const { fetchResponse, ...answer } = await call;
        return answer;
    } catch (error) {
        if (error.isSuperTokensGeneralError) return { status: "GENERAL_ERROR", message: error.message };
        throw error;
    }
}

function json(text) {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

function xhr(path) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("GET", config.apiDomain + path);
        request.onload = () => resolve({ status: request.status, body: json(request.responseText) });
        request.onerror = () => reject(new Error("network error"));
        request.send();
    });
}

const formFields = (fields) => Object.entries(fields).map(([id, value]) => ({ id, value }));

window.app = {
    sendCode: (contact) => answerOf(Passwordless.createCode(contact)),
    resendCode: () => answerOf(Passwordless.resendCode()),
    typeCode: (userInputCode) => answerOf(Passwordless.consumeCode({ userInputCode })),
    followLink: () => answerOf(Passwordless.consumeCode()),
    isSameDevice: async () => (await Passwordless.getLoginAttemptInfo()) !== undefined,
    isNumberTaken: (phoneNumber) => answerOf(Passwordless.doesPhoneNumberExist({ phoneNumber })),
    signUp: (fields) => answerOf(EmailPassword.signUp({ formFields: formFields(fields) })),
    signIn: (fields) => answerOf(EmailPassword.signIn({ formFields: formFields(fields) })),
    doesEmailExist: (email) => answerOf(EmailPassword.doesEmailExist({ email })),
    sendPasswordResetEmail: (email) =>
        answerOf(EmailPassword.sendPasswordResetEmail({ formFields: formFields({ email }) })),
    getResetPasswordTokenFromURL: () => EmailPassword.getResetPasswordTokenFromURL(),
    getTenantIdFromURL: () => EmailPassword.getTenantIdFromURL(),
    submitNewPassword: (password) =>
        answerOf(EmailPassword.submitNewPassword({ formFields: formFields({ password }) })),
    // Where to sign in with a provider; what has to be remembered meanwhile is in the session storage.
    urlOfProvider: (input) => answerOf(ThirdParty.getAuthorisationURLWithQueryParamsAndSetState(input).then((url) => ({ url }))),
    // On the page that the provider has sent the visitor back to.
    signInAndUp: () => answerOf(ThirdParty.signInAndUp()),
    sendVerificationEmail: () => answerOf(EmailVerification.sendVerificationEmail()),
    // On the page of the link.
    verifyEmail: () => answerOf(EmailVerification.verifyEmail()),
    isEmailVerified: () => answerOf(EmailVerification.isEmailVerified()),
    // What the SDK's own validators say about the session; empty when they are content.
    invalidClaims: () => Session.validateClaims(),
    verifiedClaim: async () => (await Session.getClaimValue({ claim: EmailVerification.EmailVerificationClaim })) ?? null,
    signOut: () => Session.signOut(),
    doesSessionExist: () => Session.doesSessionExist(),
    attemptRefreshingSession: () => Session.attemptRefreshingSession(),
    getUserId: () => Session.getUserId(),
    // JSON has no undefined.
    getAccessToken: async () => (await Session.getAccessToken()) ?? null,
    getAccessTokenPayloadSecurely: () => Session.getAccessTokenPayloadSecurely(),
    fetch: async ({ path, method, body }) => {
        const response = await fetch(config.apiDomain + path, {
            method,
            ...(body === null ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
        });
        return { status: response.status, body: json(await response.text()) };
    },
    xhr,
    events: () => events,
};
